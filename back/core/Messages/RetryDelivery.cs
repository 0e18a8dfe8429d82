using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Aliases;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;

namespace Smtpy.Core.Messages;

/// <summary>
/// Makes deliveries of a message due now: failed ones, held ones and those waiting for their next attempt. What was held for
/// want of a recipient goes where its alias points today. Policy is for mail that comes in: what is released is not judged again.
/// </summary>
public sealed class RetryDelivery(
    IDbContextFactory<SmtpyContext> contexts, IAliasDirectory directory, TimeProvider time, DueSignal? due = null)
{
    /// <param name="ordinal">One delivery; null for all of the message that can be retried.</param>
    /// <param name="accountId">The account that asks: only its own deliveries. Null for the operator.</param>
    /// <param name="only">Only deliveries in one of these states: Held to release, and nothing else; null for all that wait.</param>
    /// <returns>How many deliveries are due now.</returns>
    public async Task<Outcome<int>> RunAsync(
        long messageId, int? ordinal, Guid? accountId, IReadOnlyList<DeliveryState>? only, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var selected = await DeliverySelection.FindAsync(context, messageId, ordinal, accountId, cancellationToken);
        if (selected.Count == 0)
        {
            return DeliverySelection.Missing(messageId, ordinal, accountId);
        }

        var retried = selected.FindAll(d => (only is null || only.Contains(d.State)) && d.Kind is not DeliveryKind.Report
            && (d.State is DeliveryState.Failed or DeliveryState.Held || d is { State: DeliveryState.Queued, Lease: null }));
        if (retried.Count == 0)
        {
            var missing = only is [var state] ? state.ToString().ToLowerInvariant() : "waiting";
            return Problem.NotPossible($"Nothing of message {messageId} is {missing}: {DeliverySelection.States(selected)}.");
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
        string? withoutRecipient = null;
        foreach (var delivery in retried)
        {
            var recipients = await RecipientsAsync(delivery, cancellationToken);
            if (recipients.Count == 0)
            {
                // It may be another account's alias: nothing that keeps back the others.
                withoutRecipient ??= delivery.AliasAddress;
                continue;
            }

            // A worker may have taken it meanwhile: then it is being tried, which is what was asked for. So may another who releases it.
            var reason = delivery.State is DeliveryState.Held ? Released(delivery.Reason) : delivery.Reason;
            var taken = await context.Deliveries
                .Where(d => d.MessageId == delivery.MessageId && d.Ordinal == delivery.Ordinal && d.State == delivery.State && d.Lease == null)
                .ExecuteUpdateAsync(
                    set => set.SetProperty(d => d.State, DeliveryState.Queued).SetProperty(d => d.Recipient, recipients[0]).SetProperty(d => d.Reason, reason)
                        .SetProperty(d => d.NextAttemptAt, now).SetProperty(d => d.FinishedAt, (DateTimeOffset?)null),
                    cancellationToken);
            queued += taken == 0 ? 0 : taken + await AddOthersAsync(context, delivery, recipients, now, cancellationToken);
        }

        if (queued == 0 && withoutRecipient is not null)
        {
            return Problem.NotPossible($"{withoutRecipient} still has no recipient for message {retried[0].MessageId}; give it one first.");
        }

        await transaction.CommitAsync(cancellationToken);
        await (due?.AnnounceAsync(cancellationToken) ?? ValueTask.CompletedTask);
        return queued;
    }

    /// <summary>The story goes on: why it was held stays to be read, once.</summary>
    private static string Released(string? reason) =>
        reason is null ? "released" : reason.StartsWith("released", StringComparison.Ordinal) ? reason : "released; was held: " + reason;

    private async ValueTask<IReadOnlyList<string>> RecipientsAsync(DeliveryRow delivery, CancellationToken cancellationToken)
    {
        if (delivery.Recipient.Length > 0)
        {
            return [delivery.Recipient];
        }

        var at = delivery.AliasAddress.LastIndexOf('@');
        var (local, domain) = at < 0 ? (delivery.AliasAddress, "") : (delivery.AliasAddress[..at], delivery.AliasAddress[(at + 1)..]);
        var found = await directory.FindAsync(local, domain, cancellationToken);

        // The domain may be another account's by now, whose mailboxes are none of this one's business. What is nobody's the operator releases.
        return delivery.AccountId is null || found.AccountId == delivery.AccountId ? found.Recipients : [];
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
                Kind = delivery.Kind,
                Reason = Released(delivery.Reason),
            });
        }

        await context.SaveChangesAsync(cancellationToken);
        return recipients.Count - 1;
    }
}
