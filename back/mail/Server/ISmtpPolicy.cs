namespace Smtpy.Mail.Server;

/// <summary>
/// What the engine asks its owner. The engine knows the protocol; the policy knows who may connect, which recipients
/// exist, and where a message's bytes go. Every method may answer with a refusal; an exception becomes 451 4.3.0 and the
/// connection lives on.
/// </summary>
public interface ISmtpPolicy
{
    /// <summary>A client has connected. Null welcomes it; a reply is sent in place of the greeting, then the connection closes.</summary>
    ValueTask<SmtpReply?> OnConnectAsync(SmtpPeer peer, CancellationToken cancellationToken);

    /// <summary>The connection is gone; called once for each OnConnectAsync that returned null.</summary>
    void OnDisconnect(SmtpPeer peer);

    /// <summary>
    /// A client says to be this user; nothing has been checked yet. Null lets the check go on; a reply, 454 4.7.0 for one, is
    /// sent in its place. Where limits on failures per address and per user are kept.
    /// </summary>
    ValueTask<SmtpReply?> OnAuthenticateAsync(SmtpPeer peer, string userName, CancellationToken cancellationToken) =>
        ValueTask.FromResult<SmtpReply?>(null);

    /// <summary>The check that <see cref="OnAuthenticateAsync"/> let go on is done; on success the peer has its identity.</summary>
    ValueTask OnAuthenticatedAsync(SmtpPeer peer, string userName, bool succeeded, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>MAIL FROM with valid syntax and parameters.</summary>
    ValueTask<SmtpReply> OnMailAsync(SmtpTransaction transaction, CancellationToken cancellationToken);

    /// <summary>RCPT TO with valid syntax. On a positive reply the engine adds the recipient to the transaction.</summary>
    ValueTask<SmtpReply> OnRecipientAsync(SmtpTransaction transaction, SmtpRecipient recipient, CancellationToken cancellationToken);

    /// <summary>DATA, or the first BDAT, with at least one recipient: opens the sink that takes the message's bytes, or refuses.</summary>
    ValueTask<DataStart> OnDataAsync(SmtpTransaction transaction, CancellationToken cancellationToken);

    /// <summary>
    /// The engine did not take a message, by its own limits or because the client is gone; once for a message. What the policy itself
    /// refused is not told.
    /// </summary>
    /// <param name="transaction">Without recipients where it was refused at MAIL.</param>
    /// <param name="reply">Null where nobody was there to be answered.</param>
    void OnNotTaken(SmtpTransaction transaction, MessageFault fault, SmtpReply? reply)
    {
    }
}

/// <summary>Either a sink (the engine answers 354 to DATA) or a refusal.</summary>
public readonly record struct DataStart(IMessageSink? Sink, SmtpReply? Refusal)
{
    public static DataStart Accept(IMessageSink sink) => new(sink, null);

    public static DataStart Refuse(SmtpReply reply) => new(null, reply);
}

/// <summary>
/// Takes the octets of one message, already dot-unstuffed, each call in order. Disposing without
/// <see cref="CompleteAsync"/> abandons the message: nothing of it may stay.
/// </summary>
public interface IMessageSink : IAsyncDisposable
{
    /// <summary>Takes a piece into memory. Never blocks; the engine calls <see cref="FlushAsync"/> between reads from the network.</summary>
    void Write(ReadOnlySpan<byte> octets);

    /// <summary>Back-pressure: completes when the sink has room again. Completes synchronously for small messages.</summary>
    ValueTask FlushAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The message is whole. A positive reply is the promise that it is on durable storage; anything else means nothing is kept.
    /// </summary>
    ValueTask<SmtpReply> CompleteAsync(CancellationToken cancellationToken);
}
