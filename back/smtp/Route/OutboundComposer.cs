using System.Text;
using Smtpy.Core.Storage;
using Smtpy.Mail.Messages;
using Smtpy.Smtp.Deliver;

namespace Smtpy.Smtp.Route;

/// <summary>
/// Makes outgoing messages of one stored message's deliveries: one for each alias and destination domain, because the head
/// names the alias, and one transaction goes to one destination.
/// </summary>
public sealed class OutboundComposer(ReturnPaths returnPaths) : IOutboundComposer
{
    public OutboundMessage Compose(IReadOnlyList<DueDelivery> deliveries, MessageContent content) => Compose(deliveries, content, null);

    /// <param name="deliveries">Deliveries of one message; at least one.</param>
    /// <param name="content">The message's stored octets.</param>
    /// <param name="release">Called once, after the last of the outgoing messages is done with.</param>
    internal IEnumerable<OutboundMessage> ComposeAll(IReadOnlyList<DueDelivery> deliveries, MessageContent content, Action release)
    {
        if (deliveries.Count == 1)
        {
            return [Compose(deliveries, content, release)];
        }

        var groups = deliveries.GroupBy(static d => (d.AliasAddress, Domain: DomainOf(d.Recipient)), static (_, group) => group.ToList()).ToList();
        var open = groups.Count;
        return groups.ConvertAll(group => Compose(group, content, () =>
        {
            if (Interlocked.Decrement(ref open) == 0)
            {
                release();
            }
        }));
    }

    private OutboundMessage Compose(IReadOnlyList<DueDelivery> deliveries, MessageContent content, Action? release)
    {
        var first = deliveries[0];
        var recipients = new OutboundRecipient[deliveries.Count];
        for (var i = 0; i < recipients.Length; i++)
        {
            recipients[i] = new OutboundRecipient(deliveries[i].Key, deliveries[i].Recipient, deliveries[i].Attempts);
        }

        return new OutboundMessage
        {
            MessageId = first.Key.MessageId,
            ReturnPath = returnPaths.For(first.Key.MessageId, first.Sender),
            // RFC 9228: names the alias for the reader, and is the trace that our loop guard looks for.
            Head = Encoding.UTF8.GetBytes($"Delivered-To: {first.AliasAddress}\r\n"),
            Content = content,
            Recipients = recipients,
            ReceivedAt = first.ReceivedAt,
            Release = release,
        };
    }

    private static string DomainOf(string address) => address[(address.LastIndexOf('@') + 1)..].ToLowerInvariant();
}
