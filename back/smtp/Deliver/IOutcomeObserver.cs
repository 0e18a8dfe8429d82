using Smtpy.Core.Storage;
using Smtpy.Mail.Client;

namespace Smtpy.Smtp.Deliver;

/// <summary>
/// Is told of attempts that did not deliver, and of those that delivered what an owner wrote. Called by the delivery workers: must
/// neither wait nor fail.
/// </summary>
public interface IOutcomeObserver
{
    void Ended(in EndedAttempt ended);
}

/// <param name="State">Delivered, Failed, Held, or Queued for another try.</param>
/// <param name="Reply">The other side's last word, or our own reason.</param>
/// <param name="RemoteHost">Who said it; empty for ourselves.</param>
/// <param name="ReceivedAt">When the message came.</param>
public readonly record struct EndedAttempt(
    DeliveryKey Key, DeliveryState State, PeerReply Reply, string RemoteHost, DateTimeOffset At, DateTimeOffset ReceivedAt);
