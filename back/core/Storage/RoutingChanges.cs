namespace Smtpy.Core.Storage;

/// <summary>Tells this process at once that routing changed; other processes see it by the routing version in the database.</summary>
public sealed class RoutingChanges
{
    private long _generation;

    /// <summary>Rises with every change saved by this process.</summary>
    public long Generation => Volatile.Read(ref _generation);

    private volatile Action? _tellOthers;

    /// <summary>Says who tells the other processes of changes that this one saved.</summary>
    public void TellOthersBy(Action tell) => _tellOthers = tell;

    /// <summary>This process has changed routing.</summary>
    public void Announce()
    {
        Hear();
        _tellOthers?.Invoke();
    }

    /// <summary>Routing may have changed elsewhere: the version in the database is looked at before the next answer.</summary>
    public void Hear() => Interlocked.Increment(ref _generation);
}
