using Smtpy.Core.Aliases;
using Smtpy.Core.Messages;
using Smtpy.Core.Storage;
using Smtpy.Mail.Messages;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Deliver;
using Smtpy.Smtp.Receive;

namespace Smtpy.Smtp.Route;

/// <summary>From accepted recipients to deliveries, and from stored deliveries to messages on their way out.</summary>
public sealed class Router(IMessageStore store, IDeliveryQueue queue, OutboundComposer composer)
{
    /// <summary>
    /// One delivery for each mailbox behind each alias, however often and with whatever extensions the alias was named: else one
    /// message could be made a hundred. What goes nowhere is recorded all the same.
    /// </summary>
    internal static List<NewDelivery> Deliveries(IReadOnlyList<SmtpRecipient> recipients, bool leased)
    {
        var deliveries = new List<NewDelivery>(recipients.Count);
        var seen = recipients.Count > 1 ? new HashSet<(string Alias, string Mailbox)>() : null;
        foreach (var recipient in recipients)
        {
            var route = (AliasLookup)recipient.PolicyState!;
            if (route.Outcome == AliasOutcome.Forward)
            {
                foreach (var mailbox in route.Recipients)
                {
                    if (seen?.Add((route.Address, mailbox)) == false)
                    {
                        continue;
                    }

                    deliveries.Add(new NewDelivery(
                        deliveries.Count, route.AccountId, route.AliasId, recipient.Address, mailbox, DeliveryState.Queued, leased));
                }
            }
            else if (seen?.Add((route.Address, "")) != false)
            {
                var state = route.Outcome == AliasOutcome.Discard ? DeliveryState.Discarded : DeliveryState.Held;
                deliveries.Add(new NewDelivery(
                    deliveries.Count, route.AccountId, route.AliasId, recipient.Address, "", state, Leased: false));
            }
        }

        return deliveries;
    }

    /// <summary>Hands a message that was just stored to delivery. The buffer is released here or when the last delivery ended.</summary>
    internal void Dispatch(NewMessage message, PartBuffer lastPart, bool deliverNow)
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

        foreach (var outbound in composer.ComposeAll(due, content, release))
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
                    message.Size, message.LastPartNumber + 1, 0, message.ReceivedAt));
            }
        }

        return due;
    }
}
