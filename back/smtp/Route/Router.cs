using Smtpy.Core.Messages;
using Smtpy.Core.Storage;
using Smtpy.Mail.Messages;
using Smtpy.Smtp.Deliver;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Receive;

namespace Smtpy.Smtp.Route;

/// <summary>From stored deliveries to messages on their way out.</summary>
public sealed class Router(IMessageStore store, IDeliveryQueue queue, OutboundMessages messages)
{
    /// <summary>Hands a message that was just stored to delivery. The buffer is released here or when the last delivery ended.</summary>
    internal void Dispatch(NewMessage message, Judgement judgement, PartBuffer lastPart, bool deliverNow)
    {
        var due = deliverNow ? Due(message) : [];
        if (due.Count == 0)
        {
            lastPart.Dispose();
            return;
        }

        MessageContent content = new InMemoryContent(lastPart.Written);
        Action release = lastPart.Dispose;
        if (message.LastPartNumber > 0)
        {
            lastPart.Dispose();
            content = new StoredContent(store, message.Id, message.LastPartNumber + 1, message.Size);
            release = () => { };
        }

        foreach (var outbound in messages.MakeAll(due, judgement, content, release))
        {
            queue.Enqueue(outbound);
        }
    }

    private static List<DueDelivery> Due(NewMessage message)
    {
        var due = new List<DueDelivery>(message.Deliveries.Count);
        foreach (var delivery in message.Deliveries)
        {
            if (delivery.State == DeliveryState.Queued)
            {
                due.Add(new DueDelivery(
                    new DeliveryKey(message.Id, delivery.Ordinal), message.Sender, delivery.AliasAddress, delivery.Recipient,
                    message.Size, message.LastPartNumber + 1, 0, message.ReceivedAt)
                {
                    AccountId = delivery.AccountId,
                    Kind = delivery.Kind,
                    Judgement = message.Judgement,
                    TlsDemand = message.TlsDemand,
                    Origin = message.Origin,
                    SmtpUtf8 = message.SmtpUtf8,
                });
            }
        }

        return due;
    }
}
