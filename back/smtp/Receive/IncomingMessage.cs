using Smtpy.Mail.Rewriting;
using Smtpy.Mail.Server;
using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Smtp.Receive;

/// <summary>A whole message before anything is decided about it.</summary>
/// <param name="Id">Under which it will be stored.</param>
/// <param name="Size">Octets, our own trace included.</param>
/// <param name="Start">
/// Its octets from the first, our own trace included: all of them where <paramref name="IsWhole"/>, else the last part only.
/// </param>
public sealed record IncomingMessage(
    long Id, SmtpTransaction Transaction, Inspection Inspection, DateTimeOffset ReceivedAt, long Size, ReadOnlyMemory<byte> Start, bool IsWhole)
{
    /// <summary>Octets of our own trace, before what came.</summary>
    public int TraceLength { get; init; }

    /// <summary>Parts that were stored ahead; they hold everything before <see cref="Start"/>.</summary>
    public int StoredParts { get; init; }

    public SmtpPeer Peer => Transaction.Peer;

    /// <summary>Envelope sender; empty for the null reverse path.</summary>
    public string Sender => Transaction.Sender.Address;

    /// <summary>Address in From, lower case; null where none can be read.</summary>
    public string? HeaderFrom => Inspection.Author.First?.Address.Address.ToLowerInvariant();

    /// <summary>Message-ID without its angle brackets; null where there is none.</summary>
    public string? HeaderMessageId =>
        Inspection.Index.Last("Message-ID"u8) is >= 0 and var index && MessageId.First(Inspection.Index.Field(index).RawValue) is { } id ? id[1..^1] : null;

    /// <summary>REQUIRETLS of the envelope goes before the header field (RFC 8689 section 5).</summary>
    public TlsDemand TlsDemand =>
        Transaction.RequireTls ? TlsDemand.Required
        : TlsRequiredField.SaysNo(Inspection.Header.Span) ? TlsDemand.Optional
        : TlsDemand.ByPolicy;
}
