using Smtpy.Core.Storage;
using Smtpy.Mail.Client;
using Smtpy.Mail.Messages;
using Smtpy.Smtp.Deliver;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Rewrite;

namespace Smtpy.Smtp.Route;

/// <summary>Makes what goes out of the stored octets, by what the delivery is for.</summary>
internal sealed class OutboundComposer(ForwardComposer forwards, ReplyComposer replies, NoticeComposer notices) : IOutboundComposer
{
    public async ValueTask<Composition> ComposeAsync(
        IReadOnlyList<DueDelivery> deliveries, Judgement? judgement, MessageContent content, CancellationToken cancellationToken)
    {
        var first = deliveries[0];
        try
        {
            return first.Kind switch
            {
                DeliveryKind.Forward => await forwards.ComposeAsync(deliveries, judgement ?? Judgement.Parse(first.Judgement), content, cancellationToken),
                // Of several contacts each gets a message that names the return path of its own.
                DeliveryKind.Reply when deliveries.Count > 1 => Composition.Apart,
                DeliveryKind.Reply => await replies.ComposeAsync(first, content, cancellationToken),
                DeliveryKind.Notice => await notices.ComposeAsync(first, content, cancellationToken),
                _ => Composition.Failed(new PeerReply(554, "5.3.0", "a report is kept for its owner and goes nowhere")),
            };
        }
        catch (StorageException failure)
        {
            return Composition.Later(new PeerReply(451, "4.3.0", failure.Message));
        }
    }
}
