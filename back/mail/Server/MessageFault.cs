namespace Smtpy.Mail.Server;

/// <summary>Why the engine did not take a message by itself, without its policy.</summary>
public enum MessageFault
{
    /// <summary>More octets than <see cref="SmtpServerOptions.MaxMessageSize"/>, announced with SIZE= or sent.</summary>
    TooLarge = 0,

    /// <summary>A NUL, or a CR or LF alone (RFC 5321 section 2.3.8).</summary>
    BadOctets = 1,

    /// <summary>The connection ended before the message did.</summary>
    CutOff = 2,
}
