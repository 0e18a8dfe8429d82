using Smtpy.Mail.Server.Commands;
using Smtpy.Mail.Server.Sasl;

namespace Smtpy.Mail.Server.Session;

/// <summary>
/// The order of commands on one connection (RFC 5321 section 4.1.4), free of I/O: a command goes in, what to answer and to do
/// comes out, and the outcome of what was done is told back.
/// </summary>
public sealed class SmtpSession
{
    private readonly SmtpServerOptions _options;
    private readonly SessionReplies _replies;
    private readonly SmtpPeer _peer;
    private readonly bool _tlsOffered;
    private SmtpReply? _chunkFailure;
    private int _messages;
    private int _errors;
    private int _authFailures;

    public SmtpSession(SmtpServerOptions options, SmtpPeer peer, bool tlsOffered)
        : this(options, new SessionReplies(options, peer.Listener), peer, tlsOffered)
    {
    }

    internal SmtpSession(SmtpServerOptions options, SessionReplies replies, SmtpPeer peer, bool tlsOffered) =>
        (_options, _replies, _peer, _tlsOffered) = (options, replies, peer, tlsOffered);

    /// <summary>From a positive answer to MAIL until the message's end, RSET, EHLO or HELO; else null.</summary>
    public SmtpTransaction? Transaction { get; private set; }

    /// <summary>A first chunk came, the last not yet.</summary>
    public bool InChunks { get; private set; }

    public SessionStep Receive(SmtpCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        return command switch
        {
            MailCommand mail => ReceiveMail(mail),
            RecipientCommand recipient => ReceiveRecipient(recipient),
            ChunkCommand chunk => ReceiveChunk(chunk),
            HelloCommand hello => ReceiveHello(hello),
            AuthCommand auth => ReceiveAuth(auth),
            InvalidCommand invalid => new SessionStep(invalid.Reply.Closes ? SessionEffect.Close : SessionEffect.Reply, invalid.Reply),
            _ => ReceivePlain(command.Verb),
        };
    }

    public void SenderAnswered(SmtpTransaction transaction, SmtpReply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        Transaction = reply.IsPositive ? transaction : null;
    }

    public void RecipientAnswered(SmtpRecipient recipient, SmtpReply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        if (reply.IsPositive)
        {
            Transaction?.Add(recipient);
        }
    }

    /// <summary>The message was stored or refused; either way the transaction is over.</summary>
    public void MessageEnded()
    {
        _messages++;
        ResetTransaction();
    }

    /// <summary>
    /// A chunk was read. After a refusal the rest of the message's chunks are read and refused the same way
    /// (RFC 3030 section 2: a client that pipelines has sent them already).
    /// </summary>
    public void ChunkEnded(SmtpReply reply, bool isLast)
    {
        ArgumentNullException.ThrowIfNull(reply);
        if (isLast)
        {
            MessageEnded();
            return;
        }

        InChunks = true;
        _chunkFailure ??= reply.IsPositive ? null : reply;
    }

    /// <summary>Everything the client said in clear text is forgotten (RFC 3207 section 4.2).</summary>
    public void TlsStarted(string description)
    {
        ResetTransaction();
        _peer.Helo = "";
        _peer.SaidEhlo = false;
        _peer.Tls = description;
        _peer.Identity = null;
    }

    /// <summary>The client has proved who it is.</summary>
    public void Authenticated(SmtpIdentity identity) => _peer.Identity = identity;

    /// <summary>The client has proved nothing. Where it was once too often, gives the reply to close with.</summary>
    public SmtpReply? AuthenticationFailed() => ++_authFailures >= _options.Sasl.MaxFailures ? _replies.TooManyFailures : null;

    /// <summary>Counts a reply that was sent. Where it was one error too many, gives the reply to close with.</summary>
    public SmtpReply? Answered(SmtpReply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return reply.Code >= 500 && ++_errors >= _options.MaxErrorsPerConnection ? _replies.TooManyErrors : null;
    }

    private SessionStep ReceivePlain(SmtpVerb verb)
    {
        switch (verb)
        {
            case SmtpVerb.Data:
                return ReceiveData();
            case SmtpVerb.Rset:
                ResetTransaction();
                return Answer(SessionReplies.Reset);
            case SmtpVerb.Quit:
                return new SessionStep(SessionEffect.Close, _replies.Bye);
            case SmtpVerb.Http:
                return new SessionStep(SessionEffect.Close, _replies.Http);
            case SmtpVerb.StartTls:
                return ReceiveStartTls();
            default:
                return Answer(verb switch
                {
                    SmtpVerb.Noop => SessionReplies.Reset,
                    SmtpVerb.Vrfy => SessionReplies.Verify,
                    SmtpVerb.Expn => SessionReplies.Expand,
                    SmtpVerb.Help => IsSubmission ? SessionReplies.SubmissionHelp : SessionReplies.Help,
                    _ => SyntaxReplies.Unknown,
                });
        }
    }

    private SessionStep ReceiveHello(HelloCommand hello)
    {
        // RFC 5321 section 4.1.4: EHLO in mid-transaction is RSET.
        ResetTransaction();
        _peer.Helo = hello.Name;
        _peer.SaidEhlo = hello.Verb == SmtpVerb.Ehlo;
        return Answer(
            !_peer.SaidEhlo ? _replies.Helo
            : _peer.Tls is not null ? _replies.EhloTls
            : _tlsOffered ? _replies.EhloStartTls
            : _replies.EhloClear);
    }

    private bool IsSubmission => _peer.Listener != ListenerKind.Mx;

    /// <summary>RFC 6409 section 4.3: who submits mail signs in first, and not in clear text (RFC 8314 section 3.1).</summary>
    private SmtpReply? RefuseUnauthenticated() =>
        !IsSubmission || _peer.Identity is not null ? null
        : _peer.Tls is null ? AuthReplies.StartTlsFirst
        : AuthReplies.AuthFirst;

    private SessionStep ReceiveAuth(AuthCommand auth)
    {
        var refusal =
            !IsSubmission ? AuthReplies.NotOffered
            : !_peer.SaidEhlo ? AuthReplies.EhloFirst
            : _peer.Tls is null ? AuthReplies.EncryptFirst
            : _peer.Identity is not null ? AuthReplies.Already
            : Transaction is not null ? AuthReplies.InTransaction
            : !SaslMechanism.IsKnown(auth.Mechanism) ? AuthReplies.UnknownMechanism
            : null;
        return refusal is not null ? Answer(refusal) : new SessionStep(SessionEffect.Authenticate);
    }

    private SessionStep ReceiveMail(MailCommand mail)
    {
        var refusal =
            _peer.Helo.Length == 0 ? SessionReplies.HelloFirst
            : RefuseUnauthenticated() is { } unauthenticated ? unauthenticated
            : mail.HasSubmitter && !IsSubmission ? SyntaxReplies.UnknownParameter
            : Transaction is not null ? SessionReplies.NestedMail
            : mail.RequireTls && _peer.Tls is null ? SessionReplies.RequireTlsInClear
            : null;
        if (refusal is not null)
        {
            return Answer(refusal);
        }

        if (_messages >= _options.MaxMessagesPerConnection)
        {
            return new SessionStep(SessionEffect.Close, _replies.TooManyMessages);
        }

        var transaction = new SmtpTransaction
        {
            Peer = _peer,
            Sender = mail.Sender,
            DeclaredSize = mail.DeclaredSize,
            SmtpUtf8 = mail.SmtpUtf8,
            EightBitMime = mail.EightBitMime,
            RequireTls = mail.RequireTls,
            DsnReturn = mail.DsnReturn,
            EnvelopeId = mail.EnvelopeId,
        };
        return mail.DeclaredSize > _options.MaxMessageSize
            ? new SessionStep(SessionEffect.Reply, _replies.TooLarge) { Transaction = transaction }
            : new SessionStep(SessionEffect.AskSender) { Transaction = transaction };
    }

    private SessionStep ReceiveRecipient(RecipientCommand command)
    {
        var refusal =
            Transaction is null ? SessionReplies.MailFirst
            : InChunks ? SessionReplies.InChunks
            : command.NeedsUtf8 && !Transaction.SmtpUtf8 ? SessionReplies.NeedsUtf8
            : Transaction.Recipients.Count >= _options.MaxRecipients ? _replies.TooManyRecipients
            : null;
        return refusal is not null
            ? Answer(refusal)
            : new SessionStep(SessionEffect.AskRecipient) { Transaction = Transaction, Recipient = command.Recipient };
    }

    private SessionStep ReceiveData()
    {
        var refusal = InChunks ? SessionReplies.MixedData : RefuseWithoutRecipients();
        return refusal is not null
            ? Answer(refusal)
            : new SessionStep(SessionEffect.ReceiveData) { Transaction = Transaction };
    }

    private SessionStep ReceiveChunk(ChunkCommand chunk)
    {
        var refusal = _chunkFailure ?? RefuseWithoutRecipients();
        var step = new SessionStep(refusal is null ? SessionEffect.ReceiveChunk : SessionEffect.SkipChunk, refusal)
        {
            Transaction = Transaction,
            ChunkSize = chunk.Size,
            IsLastChunk = chunk.IsLast,
        };
        if (refusal is not null && Transaction is not null)
        {
            ChunkEnded(refusal, chunk.IsLast);
        }

        return step;
    }

    private SmtpReply? RefuseWithoutRecipients() =>
        Transaction is null ? SessionReplies.RecipientFirst
        : Transaction.Recipients.Count == 0 ? SessionReplies.NoRecipients
        : null;

    private SessionStep ReceiveStartTls() =>
        _peer.Tls is not null ? Answer(SessionReplies.TlsAlready)
        : !_tlsOffered ? Answer(SessionReplies.TlsNotOffered)
        : InChunks ? Answer(SessionReplies.InChunks)
        : new SessionStep(SessionEffect.StartTls, SessionReplies.StartTls);

    private void ResetTransaction()
    {
        Transaction = null;
        InChunks = false;
        _chunkFailure = null;
    }

    private static SessionStep Answer(SmtpReply reply) => new(SessionEffect.Reply, reply);
}
