namespace Smtpy.Core.Storage;

/// <summary>Tells this process at once that routing changed; other processes see it by the routing version in the database.</summary>
public sealed class RoutingChanges
{
    private long _generation;

    /// <summary>Rises with every change saved by this process.</summary>
    public long Generation => Volatile.Read(ref _generation);

    public void Announce() => Interlocked.Increment(ref _generation);
}
