using Microsoft.Extensions.Logging;
using Smtpy.Core.Storage;

namespace Smtpy.Smtp.Deliver;

/// <summary>
/// Brings outcomes to the store. Workers do not wait for the commit, but no more than a fixed number of outcomes may be on the way.
/// An outcome that cannot be stored is tried again until it is, or until the lease is lost: forgetting it would deliver twice.
/// </summary>
internal sealed class OutcomeRecorder(IMessageStore store, int capacity, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _abandon = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _empty;
    private int _pending;
    private int _lease;

    public bool HasRoom => Volatile.Read(ref _pending) < capacity;

    /// <summary>Number of the lease held now; outcomes of an earlier one are no longer ours to record.</summary>
    public int Lease => Volatile.Read(ref _lease);

    public void LoseLease() => Interlocked.Increment(ref _lease);

    /// <summary>Starts recording; never blocks.</summary>
    /// <param name="recorded">Called when the store needs nothing of the report any more, whether it was recorded or abandoned.</param>
    public void Post(DeliveryReport report, int lease, Action? recorded = null)
    {
        Interlocked.Increment(ref _pending);
        _ = RecordAsync(report, lease, recorded);
    }

    /// <summary>Completes when there is room for further outcomes.</summary>
    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        if (HasRoom)
        {
            return ValueTask.CompletedTask;
        }

        lock (_gate)
        {
            if (HasRoom)
            {
                return ValueTask.CompletedTask;
            }

            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_room.Task.WaitAsync(cancellationToken));
        }
    }

    /// <summary>Waits until everything is recorded, or until the token ends the patience; what is left then is abandoned.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        Task empty;
        lock (_gate)
        {
            _empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            empty = Volatile.Read(ref _pending) == 0 ? Task.CompletedTask : _empty.Task;
        }

        await empty.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _abandon.CancelAsync();
    }

    public void Dispose() => _abandon.Dispose();

    private async Task RecordAsync(DeliveryReport report, int lease, Action? recorded)
    {
        try
        {
            var wait = FirstRetry;
            while (!await TryRecordAsync(report, first: wait == FirstRetry))
            {
                if (lease != Lease || !await WaitAsync(wait))
                {
                    DeliveryLog.RecordAbandoned(logger, report.Key.MessageId, report.Key.Ordinal, report.State);
                    return;
                }

                wait = wait * 2 < LastRetry ? wait * 2 : LastRetry;
            }
        }
        finally
        {
            recorded?.Invoke();
            Finish();
        }
    }

    private async ValueTask<bool> TryRecordAsync(DeliveryReport report, bool first)
    {
        try
        {
            // Not cancelled at a stop: the attempt has happened, and the store bounds the time of a write.
            await store.RecordAsync(report, CancellationToken.None);
            return true;
        }
        catch (Exception e)
        {
            // Not only StorageException: nobody awaits this, and whatever the reason, an outcome forgotten is a duplicate.
            if (first)
            {
                DeliveryLog.RecordFailed(logger, e, report.Key.MessageId, report.Key.Ordinal, report.State);
            }

            return false;
        }
    }

    private async ValueTask<bool> WaitAsync(TimeSpan wait)
    {
        try
        {
            await Task.Delay(wait, time, _abandon.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Finish()
    {
        var left = Interlocked.Decrement(ref _pending);
        if (left > 0 && left != capacity - 1)
        {
            return;
        }

        lock (_gate)
        {
            if (HasRoom)
            {
                _room?.TrySetResult();
                _room = null;
            }

            if (Volatile.Read(ref _pending) == 0)
            {
                _empty?.TrySetResult();
            }
        }
    }
}
