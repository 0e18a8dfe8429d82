namespace Smtpy.Core.Storage;

/// <summary>Wakes whoever looks for due deliveries, here and in the other processes, before the next look would come by itself.</summary>
public sealed class DueSignal(params IEnumerable<IChangeCarrier> carriers)
{
    private readonly IChangeCarrier[] _carriers = [.. carriers];
    private TaskCompletionSource _raised = Fresh();

    /// <summary>Completes when deliveries have become due since the last call; each completion is given once.</summary>
    public Task WaitAsync()
    {
        var raised = Volatile.Read(ref _raised);
        if (raised.Task.IsCompleted)
        {
            Interlocked.CompareExchange(ref _raised, Fresh(), raised);
        }

        return raised.Task;
    }

    public void Hear() => Volatile.Read(ref _raised).TrySetResult();

    public async ValueTask AnnounceAsync(CancellationToken cancellationToken)
    {
        Hear();
        foreach (var carrier in _carriers)
        {
            await carrier.AnnounceAsync(Change.DueDeliveries, cancellationToken);
        }
    }

    private static TaskCompletionSource Fresh() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
