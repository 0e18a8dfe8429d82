namespace Smtpy.Mail.Server.Commands;

/// <summary>Replies to command lines that are wrong in themselves. None repeats what the client sent.</summary>
internal static class SyntaxReplies
{
    public static readonly SmtpReply Characters = new(500, "5.5.2", "Command holds control characters or is not UTF-8");

    /// <summary>Whoever sends these tries to make two servers see different lines; a mistyping mail program does not.</summary>
    public static readonly SmtpReply LineOctets = new(500, "5.5.2", "Command holds a NUL, or a CR that ends no line (RFC 5321 section 2.3.8); closing")
    {
        Closes = true,
    };

    public static readonly SmtpReply Unknown = new(500, "5.5.1", "Command not recognized");
    public static readonly SmtpReply HelloName = new(501, "5.5.4", "Say your host name: EHLO host.example");
    public static readonly SmtpReply NoArguments = new(501, "5.5.4", "This command takes no parameters");
    public static readonly SmtpReply MailSyntax = new(501, "5.5.4", "Syntax: MAIL FROM:<address> [parameters]");
    public static readonly SmtpReply RcptSyntax = new(501, "5.5.4", "Syntax: RCPT TO:<address> [parameters]");
    public static readonly SmtpReply SenderAddress = new(501, "5.1.7", "Sender address is not valid (RFC 5321 section 4.1.2)");
    public static readonly SmtpReply RecipientAddress = new(501, "5.1.3", "Recipient address is not valid (RFC 5321 section 4.1.2)");
    public static readonly SmtpReply SenderNeedsUtf8 = new(553, "5.6.7", "A sender address outside ASCII needs the SMTPUTF8 parameter");
    public static readonly SmtpReply UnknownParameter = new(555, "5.5.4", "Parameter not recognized or not offered");
    public static readonly SmtpReply RepeatedParameter = new(501, "5.5.4", "Parameter given twice");
    public static readonly SmtpReply Size = new(501, "5.5.4", "SIZE takes a number of octets");
    public static readonly SmtpReply Body = new(501, "5.5.4", "BODY takes 7BIT or 8BITMIME");
    public static readonly SmtpReply NoValue = new(501, "5.5.4", "Parameter takes no value");
    public static readonly SmtpReply Ret = new(501, "5.5.4", "RET takes FULL or HDRS");
    public static readonly SmtpReply Envid = new(501, "5.5.4", "ENVID takes xtext of at most 100 characters (RFC 3461 section 4.4)");
    public static readonly SmtpReply Notify = new(501, "5.5.4", "NOTIFY takes NEVER, or a list of SUCCESS, FAILURE, DELAY");
    public static readonly SmtpReply AuthSyntax = new(501, "5.5.4", "Syntax: AUTH mechanism [initial response]");
    public static readonly SmtpReply Base64 = new(501, "5.5.2", "That is not base64 (RFC 4954 section 4)");
    public static readonly SmtpReply Submitter = new(501, "5.5.4", "AUTH takes <> or an address in xtext (RFC 4954 section 5)");
    public static readonly SmtpReply Orcpt = new(501, "5.5.4", "ORCPT takes type;xtext (RFC 3461 section 4.2)");

    /// <summary>Where the size cannot be read, what follows cannot be told from commands: the connection ends.</summary>
    public static readonly SmtpReply Chunk = new(501, "5.5.4", "Syntax: BDAT size [LAST]; closing, as the chunk cannot be skipped")
    {
        Closes = true,
    };
}
