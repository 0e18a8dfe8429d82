using System.Globalization;
using Smtpy.Mail.Server.Sasl;

namespace Smtpy.Mail.Server.Session;

/// <summary>The engine's own replies, made once for a server: they name its host and its limits.</summary>
internal sealed class SessionReplies
{
    public static readonly SmtpReply StartData = new(354, null, "End data with <CR><LF>.<CR><LF>");
    public static readonly SmtpReply Reset = new(250, "2.0.0", "OK");
    public static readonly SmtpReply ChunkTaken = new(250, "2.0.0", "Chunk taken");
    public static readonly SmtpReply StartTls = new(220, "2.0.0", "Ready to start TLS");
    public static readonly SmtpReply Verify = new(252, "2.5.0", "Addresses are not verified; send the message and see");
    public static readonly SmtpReply Expand = new(502, "5.5.1", "Lists are not expanded here");
    public static readonly SmtpReply Help = new(
        214, "2.0.0", "HELO EHLO MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY HELP STARTTLS (RFC 5321)");
    public static readonly SmtpReply SubmissionHelp = new(
        214, "2.0.0", "HELO EHLO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP QUIT VRFY HELP (RFC 6409)");

    public static readonly SmtpReply HelloFirst = new(503, "5.5.1", "Say EHLO or HELO first");
    public static readonly SmtpReply NestedMail = new(503, "5.5.1", "A sender was given already; RSET starts over");
    public static readonly SmtpReply MailFirst = new(503, "5.5.1", "Give the sender first: MAIL FROM");
    public static readonly SmtpReply RecipientFirst = new(503, "5.5.1", "No sender and recipient given yet");
    public static readonly SmtpReply NoRecipients = new(554, "5.5.1", "No valid recipients");
    public static readonly SmtpReply MixedData = new(503, "5.5.1", "This message came with BDAT; go on with BDAT or RSET (RFC 3030 section 2)");
    public static readonly SmtpReply InChunks = new(503, "5.5.1", "A message is under way with BDAT; finish it with LAST, or RSET");
    public static readonly SmtpReply TlsAlready = new(503, "5.5.1", "TLS is active already");
    public static readonly SmtpReply TlsNotOffered = new(502, "5.5.1", "STARTTLS is not offered");
    public static readonly SmtpReply RequireTlsInClear = new(555, "5.5.4", "REQUIRETLS is taken over TLS only (RFC 8689 section 2); say STARTTLS");
    public static readonly SmtpReply NeedsUtf8 = new(553, "5.6.7", "A recipient address outside ASCII needs SMTPUTF8 in MAIL FROM");
    public static readonly SmtpReply BareLineFeed = Closing(500, "5.5.2", "Command line ends with a bare LF; lines end with CR LF (RFC 5321 section 2.3.8); closing");
    public static readonly SmtpReply BadOctets = new(
        554, "5.6.0", "Message holds a NUL, or a CR or LF alone (RFC 5321 section 2.3.8); it was not accepted, closing")
    {
        Closes = true,
    };

    public SessionReplies(SmtpServerOptions options, ListenerKind listener = ListenerKind.Mx)
    {
        var host = options.Hostname;
        var clear = Extensions(options, "");
        Greeting = new SmtpReply(220, null, $"{host} ESMTP SMTPy");
        Helo = new SmtpReply(250, null, host);
        EhloClear = new SmtpReply(250, null, clear);
        EhloStartTls = new SmtpReply(250, null, $"{clear}\nSTARTTLS");
        EhloTls = new SmtpReply(250, null, Extensions(options, listener == ListenerKind.Mx ? "\nREQUIRETLS" : $"\nREQUIRETLS\nAUTH {SaslMechanism.Offered}"));
        Bye = Closing(221, "2.0.0", $"{host} closing connection");
        Timeout = Closing(421, "4.4.2", $"{host} timed out waiting for you; closing connection");
        Stopping = Closing(421, "4.3.2", $"{host} is being restarted; try again soon");
        Busy = Closing(421, "4.3.2", $"{host} has too many connections; try again later");
        TooManyErrors = Closing(421, "4.7.0", $"{host} saw {options.MaxErrorsPerConnection} refused commands on this connection; closing it");
        TooManyFailures = Closing(421, "4.7.0", $"{host} saw {options.Sasl.MaxFailures} wrong sign-ins on this connection; closing it");
        TooManyMessages = Closing(
            421, "4.7.0", $"{host} takes {options.MaxMessagesPerConnection} messages on a connection; open another for more");
        Http = Closing(521, "5.7.0", $"{host} speaks SMTP, not HTTP");
        LineTooLong = new SmtpReply(500, "5.5.2", $"Line too long; a command has at most {options.MaxCommandLine} octets");
        AuthLineTooLong = new SmtpReply(500, "5.5.6", $"Authentication exchange line too long; it has at most {options.Sasl.MaxLine} octets");
        TooManyRecipients = new SmtpReply(
            452, "4.5.3", $"A message takes {options.MaxRecipients} recipients here; send to the others in another transaction");
        TooLarge = new SmtpReply(552, "5.3.4", $"Message larger than the limit of {options.MaxMessageSize} octets");
    }

    public SmtpReply Greeting { get; }

    public SmtpReply Helo { get; }

    public SmtpReply EhloClear { get; }

    public SmtpReply EhloStartTls { get; }

    public SmtpReply EhloTls { get; }

    public SmtpReply Bye { get; }

    public SmtpReply Timeout { get; }

    public SmtpReply Stopping { get; }

    public SmtpReply Busy { get; }

    public SmtpReply TooManyErrors { get; }

    public SmtpReply TooManyFailures { get; }

    public SmtpReply TooManyMessages { get; }

    public SmtpReply Http { get; }

    public SmtpReply LineTooLong { get; }

    public SmtpReply AuthLineTooLong { get; }

    public SmtpReply TooManyRecipients { get; }

    public SmtpReply TooLarge { get; }

    /// <summary>For an exception; the connection's id leads the operator to the log line.</summary>
    public static SmtpReply Fault(string connectionId) =>
        new(451, "4.3.0", $"Internal trouble; try again later (connection {connectionId})");

    private static SmtpReply Closing(int code, string enhanced, string text) => new(code, enhanced, text) { Closes = true };

    private static string Extensions(SmtpServerOptions options, string more) => string.Create(
        CultureInfo.InvariantCulture,
        $"{options.Hostname}\nPIPELINING\nSIZE {options.MaxMessageSize}\n8BITMIME\nSMTPUTF8\nCHUNKING\nENHANCEDSTATUSCODES\nDSN"
        + $"\nLIMITS MAILMAX={options.MaxMessagesPerConnection} RCPTMAX={options.MaxRecipients}\nHELP{more}");
}
