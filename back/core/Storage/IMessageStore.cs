using Smtpy.Core.Contacts;
using Smtpy.Core.Storage.Model;
using Smtpy.Mail.Notices;
using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Core.Storage;

/// <summary>
/// The message store: the database that holds everything else (docs/architecture.md). One implementation a database; all pass
/// the same tests. Writes from all callers are gathered and committed together (group commit): a task returned by a write
/// method completes only when its rows are on durable storage.
/// </summary>
/// <remarks>
/// A process that works on the queue holds one lease, renewed by <see cref="RenewLeaseAsync"/>; the deliveries it has taken
/// name that lease. When a process dies its lease expires, and its deliveries become free for any other.
/// </remarks>
public interface IMessageStore : IAsyncDisposable
{
    /// <summary>Opens the database, takes a lease for this process, and frees what dead processes held.</summary>
    /// <exception cref="StorageException">The database cannot be opened or is not migrated.</exception>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>A new message id: positive, unique for ever, rising, below 2^53. Served from a block reserved in the database.</summary>
    ValueTask<long> NextMessageIdAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Stores one part of a large message ahead of the message itself. Parts whose message never follows are removed later.
    /// The memory may be reused when the task completes.
    /// </summary>
    /// <exception cref="StorageException">Nothing was stored.</exception>
    Task AppendPartAsync(long messageId, int part, ReadOnlyMemory<byte> octets, CancellationToken cancellationToken);

    /// <summary>Stores a message, its last part and its deliveries in one transaction: all or nothing.</summary>
    /// <exception cref="StorageException">
    /// Nothing was stored. Where a commit failed half-way and may have gone through after all, the store takes the message back
    /// when it can write again; a crash before that makes a duplicate, never a loss.
    /// </exception>
    Task StoreAsync(NewMessage message, CancellationToken cancellationToken);

    /// <summary>Removes parts that <see cref="AppendPartAsync"/> stored for a message that is given up.</summary>
    Task AbandonAsync(long messageId, CancellationToken cancellationToken);

    /// <summary>
    /// Records how an attempt ended. Ignored where this process no longer holds the delivery. When no delivery of the
    /// message needs the octets any more, they are removed in the same transaction.
    /// </summary>
    /// <exception cref="StorageException">
    /// Not recorded; the delivery is still held by this process. Record it again later, else it waits until the lease ends.
    /// </exception>
    Task RecordAsync(DeliveryReport report, CancellationToken cancellationToken);

    /// <summary>Puts down for the owner that mail was not taken. Waits for other writes to share their commit.</summary>
    Task RecordRefusalAsync(RefusalRow refusal, CancellationToken cancellationToken);

    /// <summary>Takes up to <paramref name="limit"/> due deliveries (queued, due, not leased by a live process), oldest first.</summary>
    Task<IReadOnlyList<DueDelivery>> LeaseDueAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Gives deliveries back untried: they are due at once, for any process.</summary>
    Task GiveBackAsync(IReadOnlyCollection<DeliveryKey> deliveries, CancellationToken cancellationToken);

    /// <summary>Renews this process's lease. False: it had expired, and everything taken under it must be given up.</summary>
    Task<bool> RenewLeaseAsync(CancellationToken cancellationToken);

    /// <summary>Reads one part of a stored message.</summary>
    /// <returns>The octets, or null where there is no such part.</returns>
    ValueTask<byte[]?> ReadPartAsync(long messageId, int part, CancellationToken cancellationToken);

    Task<QueueDepth> MeasureQueueAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Removes what retention no longer keeps: octets of failed and captured deliveries, message metadata, and orphaned
    /// parts of messages that never came to be.
    /// </summary>
    /// <returns>Number of messages removed altogether.</returns>
    Task<int> PurgeAsync(RetentionPolicy retention, CancellationToken cancellationToken);

    /// <summary>True while the last write succeeded; what /health/ready shows.</summary>
    bool IsWritable { get; }
}

/// <summary>A message to be stored with its last part.</summary>
/// <param name="Id">From <see cref="IMessageStore.NextMessageIdAsync"/>.</param>
/// <param name="Sender">Envelope sender, empty for the null reverse path.</param>
/// <param name="LastPart">Octets of the last part; parts 0 … LastPartNumber−1 were stored ahead. Must stay valid until the task completes.</param>
/// <param name="Size">Octets of all parts together.</param>
public sealed record NewMessage(
    long Id,
    DateTimeOffset ReceivedAt,
    string Sender,
    string ClientAddress,
    string Helo,
    string Protocol,
    long Size,
    int LastPartNumber,
    ReadOnlyMemory<byte> LastPart,
    IReadOnlyList<NewDelivery> Deliveries)
{
    /// <summary>What the names of the protocol begin with where a message needs SMTPUTF8.</summary>
    internal const string Utf8Protocol = "UTF8SMTP";

    /// <summary>It came with SMTPUTF8; the protocol's name says so (RFC 6531 section 4.3).</summary>
    public bool SmtpUtf8 => IsUtf8(Protocol);

    internal static bool IsUtf8(string protocol) => protocol.StartsWith(Utf8Protocol, StringComparison.Ordinal);

    public string? HeaderFrom { get; init; }

    public string? HeaderMessageId { get; init; }

    /// <summary>See <see cref="MessageRow.Judgement"/>.</summary>
    public string? Judgement { get; init; }

    /// <summary>See <see cref="MessageRow.Tls"/>.</summary>
    public string? Tls { get; init; }

    /// <summary>See <see cref="MessageRow.TlsDemand"/>.</summary>
    public TlsDemand TlsDemand { get; init; }

    public MessageOrigin Origin { get; init; }

    /// <summary>Stored with the message where they are not known yet.</summary>
    public IReadOnlyList<Contact> Contacts { get; init; } = [];
}

/// <summary>One recipient's delivery of a new message.</summary>
/// <param name="Ordinal">0, 1, … within the message.</param>
/// <param name="AliasAddress">The address the sender wrote to.</param>
/// <param name="Recipient">Where it goes; empty where it goes nowhere (discarded, held).</param>
/// <param name="State">Queued, Held or Discarded.</param>
/// <param name="Leased">True: this process delivers it itself, now. False: it is due at once for any process.</param>
public sealed record NewDelivery(
    int Ordinal, Guid? AccountId, Guid? AliasId, string AliasAddress, string Recipient, DeliveryState State, bool Leased)
{
    public DeliveryKind Kind { get; init; }

    /// <summary>See <see cref="DeliveryRow.Reason"/>.</summary>
    public string? Reason { get; init; }

    /// <summary>Null where the sender asked for nothing.</summary>
    public DsnRequest? Dsn { get; init; }
}

public readonly record struct DeliveryKey(long MessageId, int Ordinal);

/// <summary>A delivery that this process has just leased, with all that delivering it needs but the octets.</summary>
public sealed record DueDelivery(
    DeliveryKey Key, string Sender, string AliasAddress, string Recipient, long Size, int PartCount, int Attempts, DateTimeOffset ReceivedAt)
{
    public Guid? AccountId { get; init; }

    public DeliveryKind Kind { get; init; }

    /// <summary>See <see cref="MessageRow.Judgement"/>.</summary>
    public string? Judgement { get; init; }

    /// <summary>See <see cref="MessageRow.TlsDemand"/>.</summary>
    public TlsDemand TlsDemand { get; init; }

    /// <summary>The message came with SMTPUTF8.</summary>
    public bool SmtpUtf8 { get; init; }

    public MessageOrigin Origin { get; init; }
}

/// <summary>How one attempt ended, or that none was made.</summary>
/// <param name="State">Delivered, Captured, Failed or Held; Queued for a deferral.</param>
/// <param name="NextAttemptAt">For a deferral, when it is due again; else null.</param>
/// <param name="Reply">The last word of the other side, or our own reason; one line.</param>
/// <param name="RemoteHost">Host and port that gave it, or empty.</param>
/// <param name="Capture">For Captured, what would have been sent besides the stored octets; else null.</param>
public sealed record DeliveryReport(
    DeliveryKey Key, DeliveryState State, DateTimeOffset At, DateTimeOffset? NextAttemptAt, string Reply, string RemoteHost,
    CapturedEnvelope? Capture = null)
{
    /// <summary>What TLS the attempt's session had, such as "TLSv1.3, verified by DANE" or "no TLS"; empty where there was no session.</summary>
    public string Tls { get; init; } = "";

    /// <summary>
    /// False: nothing was tried. Its destination is left alone, and it waits until <see cref="NextAttemptAt"/> or, as it has been tried before
    /// and its time is up, is given up. It is not counted among the attempts and has no line in their history.
    /// </summary>
    public bool Tried { get; init; } = true;

    internal string? StoredTls => Tls.Length == 0 ? null : Tls;

    /// <summary>True where the delivery has no further use for the octets and its row says all: no attempt needs a row of its own.</summary>
    internal bool IsLast => State is DeliveryState.Delivered or DeliveryState.Dropped or DeliveryState.Discarded;
}

/// <param name="ReturnPath">Envelope sender that would have been used.</param>
/// <param name="Head">Octets that would have gone before what is left of the stored ones.</param>
/// <param name="ReplacedOctets">How many of the stored octets, from the first, the head stands for.</param>
public sealed record CapturedEnvelope(string ReturnPath, ReadOnlyMemory<byte> Head, long ReplacedOctets = 0);

/// <summary>What a delivery is for. Stored as its number: never renumber.</summary>
public enum DeliveryKind
{
    /// <summary>Mail to an alias, on to its owner.</summary>
    Forward = 0,

    /// <summary>Mail of an alias's owner, on to a contact.</summary>
    Reply = 1,

    /// <summary>Something of our own: sent as it is stored.</summary>
    Notice = 2,

    /// <summary>A bounce, complaint or automatic answer to something that left: kept for the owner to see.</summary>
    Report = 3,
}

/// <summary>Where a message came from. Stored as its number: never renumber.</summary>
public enum MessageOrigin
{
    /// <summary>The MX listener.</summary>
    Outside = 0,

    /// <summary>A signed-in client.</summary>
    Submission = 1,

    /// <summary>This program.</summary>
    Ourselves = 2,
}

/// <summary>Stored as its number: never renumber.</summary>
public enum BounceKind
{
    Hard = 0,
    Soft = 1,

    /// <summary>Refused for what it is or where it came from, not for the mailbox.</summary>
    Blocked = 2,

    /// <summary>Somebody pressed "spam" (RFC 5965).</summary>
    Complaint = 3,

    /// <summary>An out-of-office note or the like.</summary>
    AutoReply = 4,

    Delayed = 5,
    Delivered = 6,
    Unknown = 7,
}

/// <summary>Stored as its number: never renumber.</summary>
public enum DeliveryState
{
    Queued = 0,
    Delivered = 1,

    /// <summary>Kept in the local capture mailbox instead of being sent.</summary>
    Captured = 2,

    /// <summary>Given up; the octets stay until retention ends so that it can be retried.</summary>
    Failed = 3,

    /// <summary>Waits for a person; a <see cref="DeliveryKind.Report"/> only to be looked at, until retention ends.</summary>
    Held = 4,

    /// <summary>Accepted for an alias that is switched off silently; the octets are not kept.</summary>
    Discarded = 5,

    /// <summary>Taken out of the queue by the operator.</summary>
    Dropped = 6,
}

/// <param name="Queued">Deliveries waiting or under way.</param>
/// <param name="OldestQueuedAt">When the oldest of them was received, or null when there is none.</param>
public readonly record struct QueueDepth(long Queued, long Failed, long Held, DateTimeOffset? OldestQueuedAt);

/// <param name="Metadata">How long message and delivery rows stay after the last delivery ended.</param>
/// <param name="FailedContent">How long the octets of failed and held deliveries stay.</param>
/// <param name="CapturedMessages">How many captured messages stay.</param>
public sealed record RetentionPolicy(TimeSpan Metadata, TimeSpan FailedContent, int CapturedMessages);

/// <summary>The store could not do what was asked; nothing was changed.</summary>
public class StorageException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>True where a commit was under way and its fate is not known: the store takes back what may have been stored.</summary>
    internal bool IsFateUnknown { get; init; }

    /// <summary>True where the database server is not there or not ready yet, and may be soon.</summary>
    internal bool IsPassing { get; init; }
}

/// <summary>No space is left (SQLITE_FULL, ENOSPC, PostgreSQL class 53 but for 53300, too many connections): answered 452 4.3.1.</summary>
public sealed class StorageFullException(string message, Exception? inner = null) : StorageException(message, inner);
