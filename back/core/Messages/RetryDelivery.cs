using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Aliases;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;

namespace Smtpy.Core.Messages;

/// <summary>
/// Makes deliveries of a message due now: failed ones, held ones and those waiting for their next attempt. What was held for
/// want of a recipient goes where its alias points today.
/// </summary>
public sealed class RetryDelivery(
    IDbContextFactory<SmtpyContext> contexts, IAliasDirectory directory, TimeProvider time, DueSignal? due = null)
{
    /// <param name="ordinal">One delivery; null for all of the message that can be retried.</param>
    /// <returns>How many deliveries are due now.</returns>
    public async Task<Outcome<int>> RunAsync(long messageId, int? ordinal, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var selected = await DeliverySelection.FindAsync(context, messageId, ordinal, cancellationToken);
        if (selected.Count == 0)
        {
            return DeliverySelection.Missing(messageId, ordinal);
        }

        var retried = selected.FindAll(d => d.State is DeliveryState.Failed or DeliveryState.Held
            || d is { State: DeliveryState.Queued, Lease: null });
        if (retried.Count == 0)
        {
            return Problem.NotPossible($"Nothing of message {messageId} is waiting: {DeliverySelection.States(selected)}.");
        }

        if (!await context.MessageParts.AnyAsync(p => p.MessageId == messageId, cancellationToken))
        {
            return Problem.NotPossible($"The content of message {messageId} is no longer stored.");
        }

        return await QueueAsync(context, retried, cancellationToken);
    }

    private async Task<Outcome<int>> QueueAsync(SmtpyContext context, List<DeliveryRow> retried, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var queued = 0;
        foreach (var delivery in retried)
        {
            var recipients = await RecipientsAsync(delivery, cancellationToken);
            if (recipients.Count == 0)
            {
                return Problem.NotPossible($"{delivery.AliasAddress} still has no recipient; give it one first.");
            }

            // A worker may have taken it meanwhile: then it is being tried, which is what was asked for.
            queued += await context.Deliveries
                .Where(d => d.MessageId == delivery.MessageId && d.Ordinal == delivery.Ordinal && d.State == delivery.State && d.Lease == null)
                .ExecuteUpdateAsync(
                    set => set.SetProperty(d => d.State, DeliveryState.Queued).SetProperty(d => d.Recipient, recipients[0])
                        .SetProperty(d => d.NextAttemptAt, now).SetProperty(d => d.FinishedAt, (DateTimeOffset?)null),
                    cancellationToken);
            queued += await AddOthersAsync(context, delivery, recipients, now, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        await (due?.AnnounceAsync(cancellationToken) ?? ValueTask.CompletedTask);
        return queued;
    }

    private async ValueTask<IReadOnlyList<string>> RecipientsAsync(DeliveryRow delivery, CancellationToken cancellationToken)
    {
        if (delivery.Recipient.Length > 0)
        {
            return [delivery.Recipient];
        }

        var at = delivery.AliasAddress.LastIndexOf('@');
        var (local, domain) = at < 0 ? (delivery.AliasAddress, "") : (delivery.AliasAddress[..at], delivery.AliasAddress[(at + 1)..]);
        return (await directory.FindAsync(local, domain, cancellationToken)).Recipients;
    }

    private static async Task<int> AddOthersAsync(
        SmtpyContext context, DeliveryRow delivery, IReadOnlyList<string> recipients, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (recipients.Count == 1)
        {
            return 0;
        }

        var last = await context.Deliveries.Where(d => d.MessageId == delivery.MessageId).MaxAsync(d => d.Ordinal, cancellationToken);
        foreach (var recipient in recipients.Skip(1))
        {
            context.Deliveries.Add(new DeliveryRow
            {
                MessageId = delivery.MessageId,
                Ordinal = ++last,
                AccountId = delivery.AccountId,
                AliasId = delivery.AliasId,
                AliasAddress = delivery.AliasAddress,
                Recipient = recipient,
                State = DeliveryState.Queued,
                NextAttemptAt = now,
            });
        }

        await context.SaveChangesAsync(cancellationToken);
        return recipients.Count - 1;
    }
}

/// <summary>The deliveries an operator means by a message id and perhaps an ordinal.</summary>
internal static class DeliverySelection
{
    public static Task<List<DeliveryRow>> FindAsync(
        SmtpyContext context, long messageId, int? ordinal, CancellationToken cancellationToken) => context.Deliveries.AsNoTracking()
        .Where(d => d.MessageId == messageId && (ordinal == null || d.Ordinal == ordinal)).OrderBy(d => d.Ordinal)
        .ToListAsync(cancellationToken);

    public static Problem Missing(long messageId, int? ordinal) => Problem.NotFound(
        $"There is no {(ordinal is null ? "message" : $"delivery {ordinal} of message")} {messageId}; see which there are with: smtpy queue list");

    public static string States(IEnumerable<DeliveryRow> deliveries) => string.Join(
        ", ", deliveries.Select(d => d is { State: DeliveryState.Queued, Lease: not null } ? "being delivered" : d.State.ToString().ToLowerInvariant()).Distinct());
}
