namespace Smtpy.Core.Storage;

/// <summary>Every limit of the message store, each with the reason for its default.</summary>
public sealed record MessageStoreOptions
{
    /// <summary>Writes that may wait; further ones fail at once. 10,000: more than one waits per connection only when the disk stalls.</summary>
    public int QueueOperations { get; init; } = 10_000;

    /// <summary>Octets of the writes that may wait; further ones fail at once. 64 MiB: the share of the memory goal a stalled disk may take.</summary>
    public long QueueOctets { get; init; } = 64 * 1024 * 1024;

    /// <summary>Writes in one commit. 1,000: bounds the time that the first of them waits for the last.</summary>
    public int BatchOperations { get; init; } = 1000;

    /// <summary>Octets in one commit, unless a single write is larger. 8 MiB: half of the page cache, so that nothing spills before the commit.</summary>
    public long BatchOctets { get; init; } = 8 * 1024 * 1024;

    /// <summary>A write that is not durable by then fails. 30 s: well below the ten minutes a sender waits (RFC 5321 section 4.5.3.2.6).</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long outcomes wait for a message's commit to go along with. 2 ms: at any load worth saving for, the next message is
    /// nearer than that; and what a crash makes a duplicate of is what was delivered within it.
    /// </summary>
    public TimeSpan RecordDelay { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>
    /// Free space below which no part of a large message is stored ahead. 16 MiB: removing what was stored needs space itself, so a
    /// message that does not fit must be refused while there is still room to take it back and to record outcomes.
    /// </summary>
    public long ReservedOctets { get; init; } = 16 * 1024 * 1024;

    /// <summary>How long a commit waits for another process that holds the write lock. 5 s: admin commands hold it for milliseconds.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A lease not renewed by then belongs to a dead process. 60 s: longer than any pause of a live one.</summary>
    public TimeSpan LeaseValidity { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Message ids reserved at once. 1,000: one more write in a thousand; ids lost at a restart do not matter.</summary>
    public int IdBlock { get; init; } = 1000;

    /// <summary>After a failure, how often an idle store tries whether it can write again. 1 s: readiness returns soon, the disk is left alone.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Age at which parts without a message are garbage. A day: far beyond the time limit of any transaction.</summary>
    public TimeSpan OrphanAge { get; init; } = TimeSpan.FromDays(1);

    /// <summary>
    /// SQLite: pages of write-ahead log at which the writer folds it into the database. 4,000 (16 MB): a page written a
    /// hundred times is folded once, and one fold takes some milliseconds.
    /// </summary>
    public int CheckpointPages { get; init; } = 4000;

    /// <summary>Messages that one purge write removes. 100: mail waits a few milliseconds for it at most.</summary>
    public int PurgeSlice { get; init; } = 100;
}
