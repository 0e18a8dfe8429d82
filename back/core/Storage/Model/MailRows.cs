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

    public int Attempts { get; set; }

    /// <summary>Set exactly while the delivery is queued.</summary>
    public DateTimeOffset? NextAttemptAt { get; set; }

    /// <summary>The <see cref="LeaseRow"/> of the process that works on it, or null.</summary>
    public long? Lease { get; set; }

    public string? LastReply { get; set; }

    public string? RemoteHost { get; set; }

    public DateTimeOffset? LastAttemptAt { get; set; }

    /// <summary>When it left the queue for good; null while queued or held.</summary>
    public DateTimeOffset? FinishedAt { get; set; }
}

/// <summary>What a captured delivery would have sent besides the stored octets.</summary>
public sealed class CapturedRow
{
    public long MessageId { get; init; }

    public int Ordinal { get; init; }

    public DateTimeOffset CapturedAt { get; init; }

    public required string ReturnPath { get; init; }

    public required byte[] Head { get; init; }
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
