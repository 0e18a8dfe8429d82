using Smtpy.Mail.Notices;
using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Core.Storage.Model;

/// <summary>Metadata of one accepted message. The octets are in <see cref="MessagePartRow"/>.</summary>
public sealed class MessageRow
{
    public long Id { get; init; }

    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Envelope sender; empty for the null reverse path.</summary>
    public required string Sender { get; init; }

    public required string ClientAddress { get; init; }

    public required string Helo { get; init; }

    public required string Protocol { get; init; }

    /// <summary>Octets of all parts together.</summary>
    public long Size { get; init; }

    public int PartCount { get; init; }

    /// <summary>Address in the From field; null where there is none that can be read.</summary>
    public string? HeaderFrom { get; init; }

    /// <summary>Message-ID field without its angle brackets; null where there is none.</summary>
    public string? HeaderMessageId { get; init; }

    /// <summary>What SPF, DKIM, DMARC, ARC and the filters said, as JSON; null where nothing was judged.</summary>
    public string? Judgement { get; init; }

    /// <summary>Null for clear text, else such as "TLSv1.3 TLS_AES_256_GCM_SHA384".</summary>
    public string? Tls { get; init; }

    /// <summary>What the sender asks of the way on (RFC 8689).</summary>
    public TlsDemand TlsDemand { get; init; }

    public MessageOrigin Origin { get; init; }
}

/// <summary>A piece of a message's octets. Written before the message itself where the message is large.</summary>
public sealed class MessagePartRow
{
    public long MessageId { get; init; }

    public int Part { get; init; }

    /// <summary>Tells a part whose message never came from one that is still being received.</summary>
    public DateTimeOffset StoredAt { get; init; }

    public required byte[] Octets { get; init; }
}

/// <summary>One recipient's delivery.</summary>
public sealed class DeliveryRow
{
    public long MessageId { get; init; }

    public int Ordinal { get; init; }

    public Guid? AccountId { get; init; }

    public Guid? AliasId { get; init; }

    public required string AliasAddress { get; init; }

    public required string Recipient { get; init; }

    public DeliveryState State { get; set; }

    /// <summary>Those that took place; waiting for a destination that is left alone is none.</summary>
    public int Attempts { get; set; }

    /// <summary>Set exactly while the delivery is queued.</summary>
    public DateTimeOffset? NextAttemptAt { get; set; }

    /// <summary>The <see cref="LeaseRow"/> of the process that works on it, or null.</summary>
    public long? Lease { get; set; }

    /// <summary>Of the last attempt or, where it was put off untried since then, why.</summary>
    public string? LastReply { get; set; }

    public string? RemoteHost { get; set; }

    public DateTimeOffset? LastAttemptAt { get; set; }

    /// <summary>When it left the queue for good; null while queued or held.</summary>
    public DateTimeOffset? FinishedAt { get; set; }

    public DeliveryKind Kind { get; init; }

    /// <summary>Why it is held, or goes where it goes: one line for the owner; null where there is nothing to say.</summary>
    public string? Reason { get; set; }

    /// <summary>TLS of the last attempt and what verified it, such as "TLSv1.3 (MTA-STS)"; null for clear text.</summary>
    public string? Tls { get; set; }
}

/// <summary>An attempt that was not the end, or whose end was a failure. The last one stands in the delivery itself.</summary>
public sealed class AttemptRow
{
    public long MessageId { get; init; }

    public int Ordinal { get; init; }

    /// <summary>1, 2, …</summary>
    public int Number { get; init; }

    public DateTimeOffset At { get; init; }

    public required string Reply { get; init; }

    public required string RemoteHost { get; init; }

    public string? Tls { get; init; }
}

/// <summary>What an owner asked about notifications for one delivery of what they wrote (RFC 3461). Most deliveries have none.</summary>
public sealed class DsnRequestRow
{
    public long MessageId { get; init; }

    public int Ordinal { get; init; }

    public DsnNotify Notify { get; init; }

    public string? OriginalRecipient { get; init; }

    public string? EnvelopeId { get; init; }

    public bool ReturnFull { get; init; }
}

/// <summary>A message, or a recipient of one, that was not taken. Nothing of its content is kept.</summary>
public sealed class RefusalRow
{
    public Guid Id { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>Owner of the address; null where nobody is.</summary>
    public Guid? AccountId { get; init; }

    public required string AliasAddress { get; init; }

    public required string Sender { get; init; }

    public string? HeaderFrom { get; init; }

    public required string ClientAddress { get; init; }

    public required string Helo { get; init; }

    /// <summary>The answer, such as "550 5.1.1 no such alias".</summary>
    public required string Reply { get; init; }

    public string? Judgement { get; init; }
}

/// <summary>What came back about a message that had left.</summary>
public sealed class BounceRow
{
    public Guid Id { get; init; }

    public DateTimeOffset At { get; init; }

    public Guid? AccountId { get; init; }

    /// <summary>The message that had left.</summary>
    public long MessageId { get; init; }

    public int Ordinal { get; init; }

    /// <summary>The message that brought the report; 0 where the other server refused at once and there is none.</summary>
    public long ReportId { get; init; }

    public BounceKind Kind { get; init; }

    public required string AliasAddress { get; init; }

    public required string Recipient { get; init; }

    /// <summary>Enhanced status code (RFC 3463); empty where none was given.</summary>
    public required string Status { get; init; }

    /// <summary>What the other side said; one line.</summary>
    public required string Diagnostic { get; init; }

    public required string RemoteHost { get; init; }
}

/// <summary>An MTA-STS policy (RFC 8461) as last fetched.</summary>
public sealed class TlsPolicyRow
{
    public required string DomainName { get; init; }

    public required string PolicyId { get; set; }

    public required string Policy { get; set; }

    public DateTimeOffset FetchedAt { get; set; }

    public DateTimeOffset ExpiresAt { get; set; }
}

/// <summary>What a captured delivery would have sent besides the stored octets.</summary>
public sealed class CapturedRow
{
    public long MessageId { get; init; }

    public int Ordinal { get; init; }

    public DateTimeOffset CapturedAt { get; init; }

    public required string ReturnPath { get; init; }

    public required byte[] Head { get; init; }

    /// <summary>How many of the stored octets, from the first, the head stands for.</summary>
    public long ReplacedOctets { get; init; }
}

/// <summary>The claim of a living process on the deliveries that name it.</summary>
public sealed class LeaseRow
{
    public long Id { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>A number that only rises: message ids handed out, lease ids, the routing version.</summary>
public sealed class CounterRow
{
    public const string MessageId = "message_id";
    public const string LeaseId = "lease_id";
    public const string RoutingVersion = "routing_version";

    /// <summary>Written by the store to find out whether the disk takes writes again.</summary>
    public const string WriteProbe = "write_probe";

    public required string Name { get; init; }

    public long Value { get; set; }
}
