namespace Smtpy.Core.Storage;

/// <summary>What one process tells the others that share its database.</summary>
public enum Change
{
    /// <summary>Something that decides where mail goes was changed: cached answers must be looked at again.</summary>
    Routing,

    /// <summary>Deliveries have become due that no process holds.</summary>
    DueDeliveries,
}

/// <summary>
/// Carries word of changes between processes. It only makes things quicker: a word that is lost is made up for by polling, so
/// neither a carrier's failure nor its absence makes anything wrong.
/// </summary>
public interface IChangeCarrier : IAsyncDisposable
{
    /// <summary>Begins to listen, in the background, through any number of lost connections.</summary>
    /// <param name="heard">
    /// Called for what any process announces, this one included, and for every kind when a lost connection is back. Must not block.
    /// </param>
    void Listen(Action<Change> heard);

    /// <summary>Tells the others; called when the change is committed. Bounded in time; a word that cannot be sent is dropped.</summary>
    ValueTask AnnounceAsync(Change change, CancellationToken cancellationToken);
}
