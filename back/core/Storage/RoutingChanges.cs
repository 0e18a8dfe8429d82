namespace Smtpy.Core.Storage;

/// <summary>
/// Tells this process at once that routing changed, and the others by the carriers. Where none carries it, they see it by the
/// routing version in the database.
/// </summary>
public sealed class RoutingChanges(params IEnumerable<IChangeCarrier> carriers)
{
    private readonly IChangeCarrier[] _carriers = [.. carriers];
    private long _generation;

    /// <summary>Rises with every change saved by this process and with every one heard of.</summary>
    public long Generation => Volatile.Read(ref _generation);

    /// <summary>Another process has changed something.</summary>
    public void Hear() => Interlocked.Increment(ref _generation);

    public async ValueTask AnnounceAsync(CancellationToken cancellationToken)
    {
        Hear();
        foreach (var carrier in _carriers)
        {
            await carrier.AnnounceAsync(Change.Routing, cancellationToken);
        }
    }
}
