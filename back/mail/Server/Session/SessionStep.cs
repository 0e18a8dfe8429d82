namespace Smtpy.Mail.Server.Session;

/// <summary>What is to be done after a command.</summary>
public enum SessionEffect
{
    /// <summary>Send the reply.</summary>
    Reply,

    /// <summary>Ask the policy about the sender, then <see cref="SmtpSession.SenderAnswered"/>.</summary>
    AskSender,

    /// <summary>Ask the policy about the recipient, then <see cref="SmtpSession.RecipientAnswered"/>.</summary>
    AskRecipient,

    /// <summary>Ask the policy for a sink and read the message, then <see cref="SmtpSession.MessageEnded"/>.</summary>
    ReceiveData,

    /// <summary>
    /// Read a chunk into the transaction's sink (asked of the policy for the first chunk), then
    /// <see cref="SmtpSession.ChunkEnded"/>.
    /// </summary>
    ReceiveChunk,

    /// <summary>Read a chunk and forget it, then send the reply.</summary>
    SkipChunk,

    /// <summary>Send the reply, begin TLS, then <see cref="SmtpSession.TlsStarted"/>.</summary>
    StartTls,

    /// <summary>Hold the exchange that AUTH began, then <see cref="SmtpSession.Authenticated"/> or <see cref="SmtpSession.AuthenticationFailed"/>.</summary>
    Authenticate,

    /// <summary>Send the reply and close.</summary>
    Close,
}

/// <summary>A session's answer to one command.</summary>
public readonly record struct SessionStep(SessionEffect Effect, SmtpReply? Reply = null)
{
    /// <summary>With <see cref="SessionEffect.Reply"/>: a message that is refused before it began.</summary>
    public SmtpTransaction? Transaction { get; init; }

    public SmtpRecipient? Recipient { get; init; }

    /// <summary>Octets of the chunk to read.</summary>
    public long ChunkSize { get; init; }

    public bool IsLastChunk { get; init; }
}
