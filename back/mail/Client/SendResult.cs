namespace Smtpy.Mail.Client;

/// <summary>Envelope of one message. Addresses are in the form of an SMTP command line, without angle brackets.</summary>
/// <param name="Sender">Empty for the null reverse path.</param>
/// <param name="Recipients">At least one.</param>
public sealed record SmtpEnvelope(string Sender, IReadOnlyList<string> Recipients)
{
    /// <summary>
    /// REQUIRETLS (RFC 8689): the message goes over verified TLS to a server that offers the extension, or is refused with 5.7.30
    /// before anything is said.
    /// </summary>
    public bool RequireTls { get; init; }

    /// <summary>
    /// The message is an internationalised one (RFC 6532): where its header has UTF-8, the server is told so (SMTPUTF8) if it has that.
    /// Where it has not, the message goes as any with eight-bit octets in its header does. False for those that never were
    /// said to be more: a server further on that lacks SMTPUTF8 would return what it takes otherwise.
    /// </summary>
    public bool SmtpUtf8 { get; init; }
}

public enum SendStatus
{
    /// <summary>Nothing was said of this recipient yet; never in a finished result.</summary>
    Unanswered = 0,

    /// <summary>The peer has taken responsibility.</summary>
    Delivered = 1,

    /// <summary>Not now: a 4xx reply, or no reply at all.</summary>
    Deferred = 2,

    /// <summary>Never: a 5xx reply, or something that this peer will always lack.</summary>
    Refused = 3,
}

public readonly record struct RecipientOutcome(SendStatus Status, PeerReply Reply);

/// <summary>How a message fared, recipient by recipient.</summary>
public sealed class SendResult
{
    internal SendResult(RecipientOutcome[] recipients, bool untouched, bool cancelled)
    {
        Recipients = recipients;
        Untouched = untouched;
        Cancelled = cancelled;
    }

    /// <summary>In the order of the envelope's recipients.</summary>
    public IReadOnlyList<RecipientOutcome> Recipients { get; }

    /// <summary>
    /// The connection ended before the peer answered MAIL, so nothing of the message was judged: it may be tried on another
    /// connection at once. Typical of a reused connection that the peer has closed meanwhile.
    /// </summary>
    public bool Untouched { get; }

    /// <summary>The caller's cancellation ended the transaction; deferred recipients were not the peer's doing.</summary>
    public bool Cancelled { get; }
}
