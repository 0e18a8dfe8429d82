using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Messages;

/// <summary>
/// Takes deliveries out of the queue for good; the octets go with the last one that needed them. A delivery that is under way
/// at this moment may still arrive.
/// </summary>
public sealed class DropDelivery(IDbContextFactory<SmtpyContext> contexts, TimeProvider time)
{
    /// <param name="ordinal">One delivery; null for all of the message that can be dropped.</param>
    /// <param name="accountId">The account that asks: only its own deliveries. Null for the operator.</param>
    /// <returns>How many deliveries were dropped.</returns>
    public async Task<Outcome<int>> RunAsync(long messageId, int? ordinal, Guid? accountId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var selected = await DeliverySelection.FindAsync(context, messageId, ordinal, accountId, cancellationToken);
        if (selected.Count == 0)
        {
            return DeliverySelection.Missing(messageId, ordinal, accountId);
        }

        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var dropped = await context.Deliveries
            .Where(d => d.MessageId == messageId && (ordinal == null || d.Ordinal == ordinal) && (accountId == null || d.AccountId == accountId)
                && (d.State == DeliveryState.Queued || d.State == DeliveryState.Failed || d.State == DeliveryState.Held))
            .ExecuteUpdateAsync(
                set => set.SetProperty(d => d.State, DeliveryState.Dropped).SetProperty(d => d.FinishedAt, time.GetUtcNow())
                    .SetProperty(d => d.NextAttemptAt, (DateTimeOffset?)null).SetProperty(d => d.Lease, (long?)null),
                cancellationToken);
        if (dropped == 0)
        {
            return Problem.NotPossible($"Nothing of message {messageId} is waiting: {DeliverySelection.States(selected)}.");
        }

        await context.MessageParts
            .Where(p => p.MessageId == messageId && !context.Deliveries.Any(d => d.MessageId == messageId
                && (d.State == DeliveryState.Queued || d.State == DeliveryState.Captured || d.State == DeliveryState.Failed
                    || d.State == DeliveryState.Held)))
            .ExecuteDeleteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return dropped;
    }
}
