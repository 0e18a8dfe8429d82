using Smtpy.Mail.Notices;

namespace Smtpy.Mail.Server.Commands;

/// <summary>The commands the engine tells apart; also the "verb" tag of its metrics.</summary>
public enum SmtpVerb
{
    Unknown,
    Helo,
    Ehlo,
    Mail,
    Rcpt,
    Data,
    Bdat,
    Rset,
    Noop,
    Quit,
    Vrfy,
    Expn,
    Help,
    StartTls,
    Auth,

    /// <summary>A request line of HTTP: a browser was made to speak to the mail port.</summary>
    Http,
}

/// <summary>One command line, understood.</summary>
public abstract record SmtpCommand(SmtpVerb Verb);

/// <summary>A command whose arguments, if any, do not matter to the session.</summary>
public sealed record PlainCommand(SmtpVerb Verb) : SmtpCommand(Verb);

/// <summary>A command line that is refused whatever the session's state.</summary>
public sealed record InvalidCommand(SmtpVerb Verb, SmtpReply Reply) : SmtpCommand(Verb);

/// <summary>HELO or EHLO.</summary>
public sealed record HelloCommand(SmtpVerb Verb, string Name) : SmtpCommand(Verb);

/// <summary>MAIL FROM (RFC 5321 section 4.1.1.2).</summary>
public sealed record MailCommand(ReversePath Sender) : SmtpCommand(SmtpVerb.Mail)
{
    public long? DeclaredSize { get; init; }

    public bool EightBitMime { get; init; }

    public bool SmtpUtf8 { get; init; }

    public bool RequireTls { get; init; }

    public string? DsnReturn { get; init; }

    public string? EnvelopeId { get; init; }

    /// <summary>AUTH= was given (RFC 4954 section 5). It is checked and not believed: who signs in here sends for nobody else.</summary>
    public bool HasSubmitter { get; init; }
}

/// <summary>RCPT TO (RFC 5321 section 4.1.1.3).</summary>
/// <param name="NeedsUtf8">The address is not ASCII, so that the transaction must have SMTPUTF8 (RFC 6531 section 3.4).</param>
public sealed record RecipientCommand(SmtpRecipient Recipient, bool NeedsUtf8) : SmtpCommand(SmtpVerb.Rcpt);

/// <summary>AUTH (RFC 4954 section 4).</summary>
/// <param name="InitialResponse">Decoded; null where there was none.</param>
public sealed record AuthCommand(string Mechanism, ReadOnlyMemory<byte>? InitialResponse) : SmtpCommand(SmtpVerb.Auth);

/// <summary>BDAT (RFC 3030 section 2).</summary>
public sealed record ChunkCommand(long Size, bool IsLast) : SmtpCommand(SmtpVerb.Bdat);
