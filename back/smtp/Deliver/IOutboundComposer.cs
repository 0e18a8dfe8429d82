using Smtpy.Core.Storage;
using Smtpy.Mail.Messages;

namespace Smtpy.Smtp.Deliver;

/// <summary>Makes, of deliveries read back from the store, the message that goes out: return path, head, recipients.</summary>
public interface IOutboundComposer
{
    /// <param name="deliveries">At least one; all of the same message, alias and destination.</param>
    OutboundMessage Compose(IReadOnlyList<DueDelivery> deliveries, MessageContent content);
}
