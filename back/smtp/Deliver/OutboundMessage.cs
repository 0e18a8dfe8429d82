using Smtpy.Core.Storage;
using Smtpy.Mail.Messages;

namespace Smtpy.Smtp.Deliver;

/// <summary>
/// One message on its way out: the stored octets, unchanged, below a head of our own, to recipients at one destination.
/// Its deliveries are leased by this process.
/// </summary>
public sealed class OutboundMessage
{
    public required long MessageId { get; init; }

    /// <summary>Envelope sender, ours; empty for the null reverse path.</summary>
    public required string ReturnPath { get; init; }

    /// <summary>Header fields that go above the stored octets; each ends with CRLF.</summary>
    public required ReadOnlyMemory<byte> Head { get; init; }

    /// <summary>The stored octets. Disposed by <see cref="Release"/>.</summary>
    public required MessageContent Content { get; init; }

    public required IReadOnlyList<OutboundRecipient> Recipients { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Called once, when nothing reads <see cref="Content"/> any more.</summary>
    public Action? Release { get; init; }
}

/// <param name="Attempts">Attempts that already ended.</param>
public sealed record OutboundRecipient(DeliveryKey Key, string Address, int Attempts);
