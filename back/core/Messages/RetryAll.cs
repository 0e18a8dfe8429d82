using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;

namespace Smtpy.Core.Messages;

/// <summary>
/// Makes all deliveries in one state due now, message by message: what stands in one's way does not keep the others back.
/// </summary>
public sealed class RetryAll(IDbContextFactory<SmtpyContext> contexts, RetryDelivery retry)
{
    /// <summary>Messages that are read at once: their ids alone.</summary>
    private const int Page = 1000;

    /// <param name="state">Queued: those that wait for their next attempt; Failed; or Held.</param>
    public async Task<RetriedAll> RunAsync(DeliveryState state, CancellationToken cancellationToken)
    {
        var due = 0;
        var left = new List<string>();
        var after = long.MinValue;
        while (await PageAsync(state, after, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var id in page)
            {
                var outcome = await retry.RunAsync(id, null, null, state, cancellationToken);
                if (outcome.Succeeded)
                {
                    due += outcome.Value;
                }
                else if (await StillAsync(state, id, cancellationToken))
                {
                    // Else a worker or somebody else was there first.
                    left.Add(outcome.Problem.Message);
                }
            }

            after = page[^1];
        }

        return new RetriedAll(due, left);
    }

    private async Task<List<long>> PageAsync(DeliveryState state, long after, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await Waiting(context, state).Where(d => d.MessageId > after).Select(static d => d.MessageId).Distinct().Order().Take(Page)
            .ToListAsync(cancellationToken);
    }

    private async Task<bool> StillAsync(DeliveryState state, long id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await Waiting(context, state).AnyAsync(d => d.MessageId == id, cancellationToken);
    }

    private static IQueryable<DeliveryRow> Waiting(SmtpyContext context, DeliveryState state) =>
        context.Deliveries.Where(d => d.State == state && d.Lease == null && d.Kind != DeliveryKind.Report);
}

/// <param name="Due">How many deliveries are due now.</param>
/// <param name="Left">Why others are not, a line for each message.</param>
public sealed record RetriedAll(int Due, IReadOnlyList<string> Left);
