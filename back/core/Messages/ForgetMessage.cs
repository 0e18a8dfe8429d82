using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Messages;

/// <summary>Removes what is left of one message at once, whatever retention says: a self-test's, which nobody will ask for.</summary>
public sealed class ForgetMessage(IDbContextFactory<SmtpyContext> contexts)
{
    /// <param name="id">The message.</param>
    /// <param name="recipientDomain">It is removed only if every recipient is in this domain and none is queued.</param>
    /// <returns>False where it is not (yet) to be removed.</returns>
    public async Task<bool> RunAsync(long id, string recipientDomain, CancellationToken cancellationToken)
    {
        var ending = "@" + recipientDomain;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var deliveries = context.Deliveries.Where(d => d.MessageId == id);
        if (!await deliveries.AnyAsync(cancellationToken)
            || await deliveries.AnyAsync(d => d.State == DeliveryState.Queued || !d.Recipient.EndsWith(ending), cancellationToken))
        {
            return false;
        }

        await deliveries.ExecuteDeleteAsync(cancellationToken);
        await context.MessageParts.Where(p => p.MessageId == id).ExecuteDeleteAsync(cancellationToken);
        await context.Messages.Where(m => m.Id == id).ExecuteDeleteAsync(cancellationToken);
        return true;
    }
}
