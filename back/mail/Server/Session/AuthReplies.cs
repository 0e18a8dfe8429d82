namespace Smtpy.Mail.Server.Session;

/// <summary>Replies about signing in (RFC 4954 sections 4 to 6).</summary>
internal static class AuthReplies
{
    public static readonly SmtpReply Succeeded = new(235, "2.7.0", "Authentication succeeded");
    public static readonly SmtpReply Failed = new(535, "5.7.8", "User name or password is wrong");
    public static readonly SmtpReply Cancelled = new(501, "5.7.0", "Authentication cancelled");
    public static readonly SmtpReply Malformed = new(501, "5.5.2", "That is no message of this mechanism");
    public static readonly SmtpReply Busy = new(454, "4.7.0", "Too many are signing in at this moment; try again soon");
    public static readonly SmtpReply Unavailable = new(454, "4.7.0", "Temporary authentication failure; try again later");
    public static readonly SmtpReply UnknownMechanism = new(504, "5.5.4", "Mechanism not offered; EHLO shows those that are");
    public static readonly SmtpReply EhloFirst = new(503, "5.5.1", "Say EHLO first");
    public static readonly SmtpReply Already = new(503, "5.5.1", "You are signed in already (RFC 4954 section 4)");
    public static readonly SmtpReply InTransaction = new(503, "5.5.1", "Not in the middle of a message (RFC 4954 section 4); RSET first");
    public static readonly SmtpReply EncryptFirst = new(538, "5.7.11", "No passwords in clear text; say STARTTLS first");
    public static readonly SmtpReply StartTlsFirst = new(530, "5.7.0", "Must issue a STARTTLS command first");
    public static readonly SmtpReply AuthFirst = new(530, "5.7.0", "Authentication required");

    // On the MX nobody signs in (RFC 4954 section 4: 502 or 503 where it is not offered).
    public static readonly SmtpReply NotOffered = new(502, "5.5.1", "AUTH is not offered here; no sign-in is needed to send to our recipients");
}
