using Smtpy.Core.Storage;
using Smtpy.Mail.Messages;

namespace Smtpy.Smtp.Deliver;

/// <summary>Makes, of deliveries and the stored octets, the message that goes out.</summary>
public interface IOutboundComposer
{
    /// <param name="deliveries">At least one; all of the same message, alias and destination.</param>
    /// <exception cref="IOException">The stored octets cannot be read.</exception>
    ValueTask<Composition> ComposeAsync(IReadOnlyList<DueDelivery> deliveries, MessageContent content, CancellationToken cancellationToken);
}
