using Microsoft.Extensions.Logging;
using Smtpy.Core.Contacts;
using Smtpy.Core.Storage;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Deliver;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Plan;
using Smtpy.Smtp.Route;

namespace Smtpy.Smtp.Receive;

/// <summary>What becomes of a message whose octets come: judged, planned, stored, and only then answered 250 and handed on.</summary>
public sealed class MessageIntake(
    ReceiveOptions options,
    ReceiveMemory memory,
    IMessageStore store,
    IMessageJudge judge,
    MessagePlanner planner,
    IDeliveryQueue queue,
    Router router,
    ContactBook contacts,
    HeldNotices heldNotices,
    RefusalRecorder recorder,
    RefusalAnswers refused,
    ReceiveMetrics metrics,
    TimeProvider time,
    ILogger<MessageIntake> logger)
{
    internal ReceiveOptions Options => options;

    internal ReceiveMemory Memory => memory;

    internal IMessageStore Store => store;

    internal async ValueTask<DataStart> BeginAsync(SmtpTransaction transaction, CancellationToken cancellationToken)
    {
        try
        {
            var messageId = await store.NextMessageIdAsync(cancellationToken);
            var sink = new MessageSink(this, transaction, messageId, time.GetUtcNow());
            if (sink.TryBegin())
            {
                return DataStart.Accept(sink);
            }

            await sink.DisposeAsync();
            return DataStart.Refuse(RefuseForMemory(transaction));
        }
        catch (StorageException failure)
        {
            return DataStart.Refuse(refused.Storage(transaction, failure));
        }
    }

    internal SmtpReply RefuseForMemory(SmtpTransaction transaction) => refused.Message(transaction, Replies.NoMemory, Refusal.Memory);

    internal SmtpReply RefuseHeader(SmtpTransaction transaction) => refused.Unjudged(transaction, Replies.HeaderTooLarge, Refusal.HeaderTooLarge);

    /// <summary>Everything between the last octet and the answer. The sink's buffer belongs to the queue when this is positive.</summary>
    internal async ValueTask<SmtpReply> AcceptAsync(MessageSink sink, IncomingMessage incoming, CancellationToken cancellationToken)
    {
        var transaction = sink.Transaction;
        if (sink.LoopGuard.IsLoop(transaction.Recipients, options.MaxHops))
        {
            return refused.Unjudged(transaction, Replies.Loop, Refusal.Loop);
        }

        if (SlowMessages.Include(incoming.Size))
        {
            await Task.Yield();
        }

        try
        {
            var judgement = await judge.JudgeAsync(incoming, cancellationToken);
            var plan = await planner.PlanAsync(incoming, judgement, cancellationToken);
            if (plan.Refusal is { } refusal)
            {
                return await RefusedByPlanAsync(incoming, judgement, plan, refusal);
            }

            if (plan.IsFromStranger && options.FirstSenderDelay > TimeSpan.Zero)
            {
                // Before it is stored: who does not wait for the answer has not sent anything.
                await Task.Delay(options.FirstSenderDelay, time, cancellationToken);
            }

            return await StoreAsync(sink, incoming, judgement, plan, cancellationToken);
        }
        catch (StorageException failure)
        {
            return refused.Storage(transaction, failure);
        }
    }

    private async ValueTask<SmtpReply> StoreAsync(
        MessageSink sink, IncomingMessage incoming, Judgement judgement, MessagePlan plan, CancellationToken cancellationToken)
    {
        var transaction = sink.Transaction;
        var deliverNow = queue.HasRoom(sink.Size);
        var message = new NewMessage(
            sink.MessageId, sink.ReceivedAt, transaction.Sender.Address, transaction.Peer.RemoteEndPoint.Address.ToString(),
            transaction.Peer.Helo, transaction.Peer.Protocol(transaction.SmtpUtf8), sink.Size, sink.PartNumber, sink.Part.Written,
            Leased(plan.Deliveries, deliverNow))
        {
            HeaderFrom = incoming.HeaderFrom,
            HeaderMessageId = incoming.HeaderMessageId,
            Judgement = ReferenceEquals(judgement, Judgement.None) ? null : judgement.ToJson(),
            Tls = transaction.Peer.Tls,
            TlsDemand = incoming.TlsDemand,
            Origin = transaction.Peer.Identity is null ? MessageOrigin.Outside : MessageOrigin.Submission,
            Contacts = plan.Contacts,
        };
        await store.StoreAsync(message, cancellationToken);
        try
        {
            contacts.Remember(plan.Contacts);
            heldNotices.Send(sink.MessageId, transaction.Sender.Address, plan.Held);
            metrics.Accepted(message.Size);
            ReceiveLog.Accepted(logger, sink.MessageId, transaction.Sender.Address, message.Deliveries[0].AliasAddress,
                message.Deliveries.Count, message.Size, message.ClientAddress, message.Protocol);
            sink.Part.HandOn();
            router.Dispatch(message, judgement, sink.Part, deliverNow);
        }
        catch (Exception failure)
        {
            // It is stored, so it is accepted: any other answer would bring it twice.
            ReceiveLog.NotHandedOn(logger, sink.MessageId, failure);
            await GiveBackAsync(message);
        }

        return Replies.Queued(sink.MessageId);
    }

    private async ValueTask GiveBackAsync(NewMessage message)
    {
        try
        {
            await store.GiveBackAsync(
                [.. message.Deliveries.Where(static d => d.Leased).Select(d => new DeliveryKey(message.Id, d.Ordinal))], CancellationToken.None);
        }
        catch (StorageException failure)
        {
            // They are due when this process's lease ends.
            ReceiveLog.NotHandedOn(logger, message.Id, failure);
        }
    }

    private static List<NewDelivery> Leased(IReadOnlyList<NewDelivery> deliveries, bool deliverNow)
    {
        var leased = new List<NewDelivery>(deliveries.Count);
        foreach (var delivery in deliveries)
        {
            leased.Add(delivery.State is DeliveryState.Queued && deliverNow ? delivery with { Leased = true } : delivery);
        }

        return leased;
    }

    private async ValueTask<SmtpReply> RefusedByPlanAsync(IncomingMessage incoming, Judgement judgement, MessagePlan plan, SmtpReply reply)
    {
        foreach (var refusal in plan.Refusals)
        {
            await recorder.RecordAsync(incoming, judgement, refusal);
        }

        return refused.Message(incoming.Transaction, reply, plan.Refusals[0].Refusal.Reason);
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
}
