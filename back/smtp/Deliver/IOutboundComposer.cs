using Smtpy.Core.Storage;
using Smtpy.Mail.Messages;
using Smtpy.Smtp.Judge;

namespace Smtpy.Smtp.Deliver;

/// <summary>Makes, of deliveries and the stored octets, the message that goes out.</summary>
public interface IOutboundComposer
{
    /// <param name="deliveries">At least one; all of the same message, alias and destination.</param>
    /// <param name="judgement">What the deliveries hold as text, where it is still known; null: it is read from that.</param>
    /// <exception cref="IOException">The stored octets cannot be read.</exception>
    ValueTask<Composition> ComposeAsync(
        IReadOnlyList<DueDelivery> deliveries, Judgement? judgement, MessageContent content, CancellationToken cancellationToken);
}
