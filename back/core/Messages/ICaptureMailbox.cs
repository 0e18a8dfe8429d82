using Smtpy.Core.Storage;
using Smtpy.Mail.Messages;

namespace Smtpy.Core.Messages;

/// <summary>The local capture mailbox: what would have been sent, were delivery not set to "capture".</summary>
public interface ICaptureMailbox
{
    /// <summary>The newest messages first.</summary>
    Task<IReadOnlyList<CapturedMessage>> ListAsync(int skip, int take, CancellationToken cancellationToken);

    Task<int> CountAsync(CancellationToken cancellationToken);

    /// <returns>The message, or null where it was never captured or retention has removed it.</returns>
    Task<CapturedMessage?> FindAsync(DeliveryKey key, CancellationToken cancellationToken);

    /// <summary>The octets as they would have been sent: part 0 is our own head, the stored parts follow.</summary>
    Task<MessageContent?> OpenAsync(DeliveryKey key, CancellationToken cancellationToken);
}

/// <param name="Sender">Envelope sender of the message as it came in; empty for the null reverse path.</param>
/// <param name="ReturnPath">Envelope sender it would have gone out with.</param>
/// <param name="AliasAddress">Address the sender wrote to.</param>
/// <param name="Size">Octets as they would have been sent.</param>
public sealed record CapturedMessage(
    DeliveryKey Key, DateTimeOffset ReceivedAt, DateTimeOffset CapturedAt, string Sender, string ReturnPath, string AliasAddress,
    string Recipient, long Size);
