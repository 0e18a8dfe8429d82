namespace Smtpy.Core.Coordination;

/// <summary>Who is told of signals; grows only.</summary>
internal sealed class Listeners
{
    private volatile Action<Signal>[] _all = [];
    private readonly Lock _gate = new();

    public void Add(Action<Signal> listener)
    {
        lock (_gate)
        {
            _all = [.. _all, listener];
        }
    }

    public void Tell(Signal signal)
    {
        foreach (var listener in _all)
        {
            listener(signal);
        }
    }
}
