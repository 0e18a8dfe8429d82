using Smtpy.Core.Storage;
using Smtpy.Mail.Messages;
using Smtpy.Smtp.Deliver;
using Smtpy.Smtp.Judge;

namespace Smtpy.Smtp.Route;

/// <summary>
/// Makes outgoing messages of one stored message's deliveries: one for each alias and destination domain, because the head
/// names the alias, and one transaction goes to one destination.
/// </summary>
public sealed class OutboundMessages(IOutboundComposer composer)
{
    /// <param name="deliveries">At least one; all of the same message, alias and destination.</param>
    /// <param name="judgement">See <see cref="IOutboundComposer"/>.</param>
    /// <param name="content">The message's stored octets.</param>
    /// <param name="release">Called once, when nothing reads the octets any more.</param>
    public OutboundMessage Make(IReadOnlyList<DueDelivery> deliveries, Judgement? judgement, MessageContent content, Action? release)
    {
        var recipients = new OutboundRecipient[deliveries.Count];
        for (var i = 0; i < recipients.Length; i++)
        {
            recipients[i] = new OutboundRecipient(deliveries[i].Key, deliveries[i].Recipient, deliveries[i].Attempts);
        }

        return new OutboundMessage
        {
            MessageId = deliveries[0].Key.MessageId,
            Content = content,
            Composer = (octets, cancellationToken) => composer.ComposeAsync(deliveries, judgement, octets, cancellationToken),
            Recipients = recipients,
            ReceivedAt = deliveries[0].ReceivedAt,
            TlsDemand = deliveries[0].TlsDemand,
            SmtpUtf8 = deliveries[0].SmtpUtf8,
            IsReply = deliveries[0].Kind == DeliveryKind.Reply,
            Split = deliveries.Count == 1 ? null : whenDone => Share(deliveries.Select(static DueDelivery[] (delivery) => [delivery]), judgement, content, whenDone),
            Release = release,
        };
    }

    /// <param name="deliveries">Deliveries of one message; at least one.</param>
    /// <param name="content">The message's stored octets.</param>
    /// <param name="release">Called once, after the last of the outgoing messages is done with.</param>
    internal IEnumerable<OutboundMessage> MakeAll(
        IReadOnlyList<DueDelivery> deliveries, Judgement judgement, MessageContent content, Action release)
    {
        if (deliveries.Count == 1)
        {
            return [Make(deliveries, judgement, content, release)];
        }

        return Share(
            deliveries.GroupBy(static d => (d.Kind, d.AliasAddress, Domain: DomainOf(d.Recipient)), static (_, group) => group.ToList()), judgement, content, release);
    }

    /// <summary>Messages of the same octets, which are released when the last of them is done.</summary>
    private List<OutboundMessage> Share(
        IEnumerable<IReadOnlyList<DueDelivery>> groups, Judgement? judgement, MessageContent content, Action? release)
    {
        var all = groups.ToList();
        var open = all.Count;
        return all.ConvertAll(group => Make(group, judgement, content, () =>
        {
            if (Interlocked.Decrement(ref open) == 0)
            {
                release?.Invoke();
            }
        }));
    }

    private static string DomainOf(string address) => address[(address.LastIndexOf('@') + 1)..].ToLowerInvariant();
}
