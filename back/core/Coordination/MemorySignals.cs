namespace Smtpy.Core.Coordination;

/// <summary>Signals within one process: the twin for instances without Redis.</summary>
public sealed class MemorySignals : ISignals
{
    private readonly Listeners _listeners = new();

    public void Listen(Action<Signal> listener) => _listeners.Add(listener);

    public ValueTask SendAsync(Signal signal, CancellationToken cancellationToken)
    {
        _listeners.Tell(signal);
        return ValueTask.CompletedTask;
    }
}
