using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;

namespace Smtpy.Core.Messages;

/// <summary>
/// Makes all deliveries in some states due now, message by message: what stands in one's way does not keep the others back. Each
/// message is looked at once, so that what fails again meanwhile is not tried a second time.
/// </summary>
public sealed class RetryAll(IDbContextFactory<SmtpyContext> contexts, RetryDelivery retry)
{
    private static readonly DeliveryState[] StillHeld = [DeliveryState.Held];

    /// <summary>Messages that are read at once: their ids alone.</summary>
    private const int Page = 1000;

    /// <param name="states">Queued: those that wait for their next attempt; Failed; Held.</param>
    public async Task<RetriedAll> RunAsync(IReadOnlyList<DeliveryState> states, CancellationToken cancellationToken)
    {
        var due = 0;
        var left = new List<string>();
        var after = long.MinValue;
        while (await PageAsync(states, after, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var id in page)
            {
                var outcome = await retry.RunAsync(id, null, null, states, cancellationToken);
                due += outcome.Succeeded ? outcome.Value : 0;
                if (outcome.Succeeded
                    ? states.Contains(DeliveryState.Held) && await StillAsync(StillHeld, id, cancellationToken)
                    : await StillAsync(states, id, cancellationToken))
                {
                    // Else a worker or somebody else was there first.
                    left.Add(outcome.Problem?.Message ?? $"A part of message {id} still has no recipient.");
                }
            }

            after = page[^1];
        }

        return new RetriedAll(due, left);
    }

    private async Task<List<long>> PageAsync(IReadOnlyList<DeliveryState> states, long after, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await Waiting(context, states).Where(d => d.MessageId > after).Select(static d => d.MessageId).Distinct().Order().Take(Page)
            .ToListAsync(cancellationToken);
    }

    private async Task<bool> StillAsync(IReadOnlyList<DeliveryState> states, long id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await Waiting(context, states).AnyAsync(d => d.MessageId == id, cancellationToken);
    }

    private static IQueryable<DeliveryRow> Waiting(SmtpyContext context, IReadOnlyList<DeliveryState> states) =>
        context.Deliveries.Where(d => states.Contains(d.State) && d.Lease == null && d.Kind != DeliveryKind.Report);
}

/// <param name="Due">How many deliveries are due now.</param>
/// <param name="Left">Why others are not, a line for each message.</param>
public sealed record RetriedAll(int Due, IReadOnlyList<string> Left);
