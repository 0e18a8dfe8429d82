using System.Net;
using Microsoft.Extensions.Logging;
using Smtpy.Core.Aliases;
using Smtpy.Core.Storage;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Deliver;
using Smtpy.Smtp.Route;

namespace Smtpy.Smtp.Receive;

/// <summary>
/// SMTPy's policy for the SMTP engine: which clients, which recipients, and what becomes of a message. The order is DESIGN
/// section 3's: connection, envelope, (judgement), store, then 250, then route and deliver.
/// </summary>
public sealed class MailReceiver(
    ReceiveOptions options,
    ClientLimits limits,
    IAliasDirectory directory,
    IMessageStore store,
    IDeliveryQueue queue,
    Router router,
    ReturnPaths returnPaths,
    SelfTestAddresses selfTest,
    ReceiveMetrics metrics,
    TimeProvider time,
    ILogger<MailReceiver> logger) : ISmtpPolicy
{
    private readonly SmtpReply _tooManyConnections = Replies.TooManyConnections(options.Hostname);
    private readonly SmtpReply _tooManyErrors = Replies.TooManyErrors(options.Hostname);

    internal ReceiveOptions Options => options;

    internal IMessageStore Store => store;

    public ValueTask<SmtpReply?> OnConnectAsync(SmtpPeer peer, CancellationToken cancellationToken)
    {
        var welcome = limits.TryConnect(peer.RemoteEndPoint.Address);
        if (!welcome)
        {
            metrics.Refused(Refusal.ConnectionLimit);
        }

        return ValueTask.FromResult(welcome ? null : _tooManyConnections);
    }

    public void OnDisconnect(SmtpPeer peer) => limits.Disconnect(peer.RemoteEndPoint.Address);

    public ValueTask<SmtpReply> OnMailAsync(SmtpTransaction transaction, CancellationToken cancellationToken)
    {
        if (transaction.RequireTls && !options.KeepsRequireTls)
        {
            metrics.Refused(Refusal.RequireTls);
            return ValueTask.FromResult(Replies.RequireTls);
        }

        if (limits.TryMessage(transaction.Peer.RemoteEndPoint.Address))
        {
            return ValueTask.FromResult(Replies.SenderOk);
        }

        metrics.Refused(Refusal.MessageRate);
        return ValueTask.FromResult(Replies.TooManyMessages);
    }

    public ValueTask<SmtpReply> OnRecipientAsync(SmtpTransaction transaction, SmtpRecipient recipient, CancellationToken cancellationToken)
    {
        if (!limits.TryRecipient(transaction.Peer.RemoteEndPoint.Address))
        {
            metrics.Refused(Refusal.RecipientRate);
            return ValueTask.FromResult(Replies.TooManyRecipients);
        }

        if (transaction.Sender.IsNull && returnPaths.TryParse(recipient.LocalPart, recipient.Domain, out _))
        {
            // A bounce of something we forwarded (RFC 5321 section 4.5.5: from the null reverse path; anything else is not one):
            // nobody's mailbox, but never refused and never lost.
            recipient.PolicyState = new AliasLookup(AliasOutcome.Hold, recipient.Address, null, null, []);
            return ValueTask.FromResult(Replies.RecipientOk);
        }

        if (selfTest.TryRoute(recipient.LocalPart, recipient.Domain, out var mailbox))
        {
            recipient.PolicyState = new AliasLookup(AliasOutcome.Forward, recipient.Address, null, null, [mailbox]);
            return ValueTask.FromResult(Replies.RecipientOk);
        }

        var lookup = directory.FindAsync(recipient.LocalPart, recipient.Domain, cancellationToken);
        return lookup.IsCompletedSuccessfully
            ? ValueTask.FromResult(Answer(transaction, recipient, lookup.Result))
            : AnswerLaterAsync(transaction, recipient, lookup);
    }

    public async ValueTask<DataStart> OnDataAsync(SmtpTransaction transaction, CancellationToken cancellationToken)
    {
        try
        {
            var messageId = await store.NextMessageIdAsync(cancellationToken);
            return DataStart.Accept(new MessageSink(this, transaction, messageId, time.GetUtcNow()));
        }
        catch (StorageException failure)
        {
            return DataStart.Refuse(Refused(transaction, StorageReply(failure), failure));
        }
    }

    /// <summary>Everything between the last octet and the answer. The sink's buffer belongs to the queue when this is positive.</summary>
    internal async ValueTask<SmtpReply> AcceptAsync(MessageSink sink, CancellationToken cancellationToken)
    {
        var transaction = sink.Transaction;
        if (sink.LoopGuard.IsLoop(transaction.Recipients, options.MaxHops))
        {
            return Refused(transaction, Replies.Loop, null);
        }

        var deliverNow = queue.HasRoom(sink.Size);
        var message = new NewMessage(
            sink.MessageId, sink.ReceivedAt, transaction.Sender.Address, transaction.Peer.RemoteEndPoint.Address.ToString(),
            transaction.Peer.Helo, transaction.Peer.Protocol(transaction.SmtpUtf8), sink.Size, sink.PartNumber, sink.Part.Written,
            Router.Deliveries(transaction.Recipients, deliverNow));
        try
        {
            await store.StoreAsync(message, cancellationToken);
        }
        catch (StorageException failure)
        {
            return Refused(transaction, StorageReply(failure), failure);
        }

        metrics.Accepted(message.Size);
        ReceiveLog.Accepted(logger, sink.MessageId, transaction.Sender.Address, message.Deliveries[0].AliasAddress,
            message.Deliveries.Count, message.Size, message.ClientAddress, message.Protocol);
        router.Dispatch(message, sink.Part, deliverNow);
        return Replies.Queued(sink.MessageId);
    }

    /// <summary>Takes back what was stored ahead of a message that never became whole.</summary>
    internal async ValueTask AbandonAsync(long messageId)
    {
        try
        {
            await store.AbandonAsync(messageId, CancellationToken.None);
        }
        catch (StorageException failure)
        {
            // Left behind as an orphan; the purge removes it.
            ReceiveLog.AbandonFailed(logger, messageId, failure.Message);
        }
    }

    private async ValueTask<SmtpReply> AnswerLaterAsync(SmtpTransaction transaction, SmtpRecipient recipient, ValueTask<AliasLookup> lookup)
    {
        try
        {
            return Answer(transaction, recipient, await lookup);
        }
        catch (StorageException failure)
        {
            return Refused(transaction, StorageReply(failure), failure);
        }
    }

    private SmtpReply Answer(SmtpTransaction transaction, SmtpRecipient recipient, AliasLookup lookup)
    {
        recipient.PolicyState = lookup;
        var (reply, reason) = lookup.Outcome switch
        {
            AliasOutcome.Forward or AliasOutcome.Discard or AliasOutcome.Hold => (Replies.RecipientOk, default(Refusal)),
            AliasOutcome.Defer => (Replies.AliasDeferred, Refusal.AliasDeferred),
            AliasOutcome.ForeignDomain => (Replies.RelayingDenied, Refusal.Relaying),
            AliasOutcome.Refuse => (Replies.NoSuchAlias, Refusal.AliasDisabled),
            _ => (Replies.NoSuchAlias, Refusal.UnknownAlias),
        };
        if (reply.IsPositive)
        {
            return reply;
        }

        metrics.Refused(reason);
        var peer = transaction.Peer;
        ReceiveLog.RecipientRefused(logger, transaction.Sender.Address, recipient.Address, peer.RemoteEndPoint.Address, peer.Helo, reason.Word());
        return reply.IsTransient || limits.TryError(peer.RemoteEndPoint.Address) ? reply : _tooManyErrors;
    }

    private SmtpReply Refused(SmtpTransaction transaction, SmtpReply reply, StorageException? failure)
    {
        metrics.Refused(failure is null ? Refusal.Loop : failure is StorageFullException ? Refusal.StorageFull : Refusal.Storage);
        var sender = transaction.Sender.Address;
        var client = transaction.Peer.RemoteEndPoint.Address;
        if (failure is null)
        {
            ReceiveLog.MessageRefused(logger, sender, client, reply.Code, reply.Text);
        }
        else
        {
            ReceiveLog.NotStored(logger, sender, client, reply.Code, failure.Message);
        }

        return reply;
    }

    private static SmtpReply StorageReply(StorageException failure) =>
        failure is StorageFullException ? Replies.StorageFull : Replies.StorageTrouble;
}
