using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;

namespace Smtpy.Core.Messages;

/// <summary>An account's deliveries, the newest message first.</summary>
public sealed class ListMessages(IDbContextFactory<SmtpyContext> contexts)
{
    public async Task<DeliveryPage> RunAsync(Guid accountId, MessageQuery query, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var found = Filter(context, context.Deliveries.AsNoTracking().Where(d => d.AccountId == accountId), query);
        var page = found.OrderByDescending(d => d.MessageId).ThenBy(d => d.Ordinal).Take(query.PageSize + 1);
        var rows = await page
            .Join(context.Messages, static d => d.MessageId, static m => m.Id, static (delivery, message) => new { delivery, message })
            .OrderByDescending(row => row.delivery.MessageId).ThenBy(row => row.delivery.Ordinal)
            .ToListAsync(cancellationToken);
        var more = rows.Count > query.PageSize;
        var entries = rows.Take(query.PageSize).Select(row => QueueEntry.From(row.message, row.delivery)).ToList();
        return new DeliveryPage(entries, more ? entries[^1].Key : null);
    }

    private static IQueryable<DeliveryRow> Filter(SmtpyContext context, IQueryable<DeliveryRow> deliveries, MessageQuery query)
    {
        if (query.After is { } after)
        {
            deliveries = deliveries.Where(d => d.MessageId < after.MessageId || (d.MessageId == after.MessageId && d.Ordinal > after.Ordinal));
        }

        deliveries = query.State is { } state ? deliveries.Where(d => d.State == state) : deliveries;
        deliveries = query.Kind is { } kind ? deliveries.Where(d => d.Kind == kind) : deliveries;
        deliveries = query.AliasId is { } aliasId ? deliveries.Where(d => d.AliasId == aliasId) : deliveries;
        if (query.AliasAddress?.ToLowerInvariant() is { } alias)
        {
            // As it was written to, which may be in any case.
#pragma warning disable RS0030, CA1862 // In a query this is SQL's lower(), which has no culture.
            deliveries = deliveries.Where(d => d.AliasAddress.ToLower() == alias);
#pragma warning restore RS0030, CA1862
        }

        return query.Since is { } since
            ? deliveries.Where(d => context.Messages.Any(m => m.Id == d.MessageId && m.ReceivedAt >= since))
            : deliveries;
    }
}

/// <param name="After">The last delivery of the page before; null for the first page.</param>
/// <param name="AliasId">Only mail to, or from, this alias, with whatever extension it was written to.</param>
/// <param name="AliasAddress">Only mail to, or from, this very address.</param>
/// <param name="Since">Only messages that came then or later.</param>
/// <param name="PageSize">1 or more.</param>
public sealed record MessageQuery(
    DeliveryState? State = null, DeliveryKind? Kind = null, Guid? AliasId = null, string? AliasAddress = null, DateTimeOffset? Since = null,
    DeliveryKey? After = null, int PageSize = 100);

/// <param name="Next">What <see cref="MessageQuery.After"/> must be for the next page; null on the last.</param>
public sealed record DeliveryPage(IReadOnlyList<QueueEntry> Items, DeliveryKey? Next);
