using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;

namespace Smtpy.Core.Messages;

/// <summary>An account's deliveries that failed or are held, newest first: what is left for it to do.</summary>
public sealed class ListFailedDeliveries(IDbContextFactory<SmtpyContext> contexts)
{
    /// <param name="held">Only held ones, or only failed ones; null for both.</param>
    public async Task<Page<FailedDelivery>> RunAsync(Guid accountId, bool? held, int page, int pageSize, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var found = Left(context, accountId);
        found = held is { } wanted ? found.Where(d => d.State == DeliveryState.Held == wanted) : found;
        var rows = await found.OrderByDescending(d => d.MessageId).ThenBy(d => d.Ordinal).PageAsync(page, pageSize, cancellationToken);
        return new Page<FailedDelivery>(await DescribeAsync(context, accountId, rows.Items, cancellationToken), page, pageSize, rows.Total);
    }

    public async Task<Outcome<FailedDelivery>> FindAsync(Guid accountId, DeliveryKey key, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await Left(context, accountId).Where(d => d.MessageId == key.MessageId && d.Ordinal == key.Ordinal).ToListAsync(cancellationToken);
        return rows.Count == 0
            ? DeliverySelection.Missing(key.MessageId, key.Ordinal, accountId)
            : (await DescribeAsync(context, accountId, rows, cancellationToken))[0];
    }

    private static IQueryable<DeliveryRow> Left(SmtpyContext context, Guid accountId) => context.Deliveries.AsNoTracking()
        .Where(d => d.AccountId == accountId && (d.State == DeliveryState.Failed || d.State == DeliveryState.Held));

    private static async Task<IReadOnlyList<FailedDelivery>> DescribeAsync(
        SmtpyContext context, Guid accountId, IReadOnlyList<DeliveryRow> rows, CancellationToken cancellationToken)
    {
        var ids = rows.Select(static d => d.MessageId).Distinct().ToList();
        var messages = await context.Messages.AsNoTracking().Where(m => ids.Contains(m.Id)).ToDictionaryAsync(static m => m.Id, cancellationToken);
        var emails = rows.Select(static d => d.Recipient).Distinct().ToList();
        var recipients = await context.Recipients.AsNoTracking().Where(r => r.AccountId == accountId && emails.Contains(r.Email))
            .ToDictionaryAsync(static r => r.Email, static r => r.Id, StringComparer.Ordinal, cancellationToken);
        var aliases = rows.Where(static d => d.AliasId is not null).Select(static d => d.AliasId!.Value).Distinct().ToList();
        var descriptions = await context.Aliases.AsNoTracking().Where(a => aliases.Contains(a.Id))
            .ToDictionaryAsync(static a => a.Id, static a => a.Description, cancellationToken);
        return [.. rows.Where(d => messages.ContainsKey(d.MessageId)).Select(d => new FailedDelivery(
            QueueEntry.From(messages[d.MessageId], d), accountId,
            recipients.TryGetValue(d.Recipient, out var recipient) ? recipient : null,
            d.AliasId is { } alias ? descriptions.GetValueOrDefault(alias) : null))];
    }
}

/// <param name="RecipientId">Null where the address is none of the account's recipients.</param>
/// <param name="AliasDescription">Null where there is no alias behind the address.</param>
public sealed record FailedDelivery(QueueEntry Entry, Guid AccountId, Guid? RecipientId, string? AliasDescription);
