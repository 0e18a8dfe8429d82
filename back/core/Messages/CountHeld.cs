using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Recipients;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Messages;

/// <summary>Counts what is still held for a mailbox: resuming it sends none of that.</summary>
public sealed class CountHeld(IDbContextFactory<SmtpyContext> contexts)
{
    /// <returns>Messages, not deliveries.</returns>
    public async Task<int> RunAsync(Recipient recipient, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Deliveries
            .Where(d => d.AccountId == recipient.AccountId && d.Recipient == recipient.Email && d.State == DeliveryState.Held && d.Kind != DeliveryKind.Report)
            .Select(static d => d.MessageId).Distinct().CountAsync(cancellationToken);
    }
}
