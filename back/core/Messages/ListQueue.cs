using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;

namespace Smtpy.Core.Messages;

/// <summary>Lists deliveries, the oldest message first.</summary>
public sealed class ListQueue(IDbContextFactory<SmtpyContext> contexts)
{
    /// <param name="state">Null for all that wait for something: queued, failed and held.</param>
    public async Task<IReadOnlyList<QueueEntry>> RunAsync(DeliveryState? state, int skip, int take, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var deliveries = state is { } one
            ? context.Deliveries.Where(d => d.State == one)
            : context.Deliveries.Where(
                d => d.State == DeliveryState.Queued || d.State == DeliveryState.Failed || (d.State == DeliveryState.Held && d.Kind != DeliveryKind.Report));
        var page = deliveries.OrderBy(d => d.MessageId).ThenBy(d => d.Ordinal).Skip(skip).Take(take);
        var rows = await page
            .Join(context.Messages, d => d.MessageId, m => m.Id, (delivery, message) => new { delivery, message })
            .OrderBy(row => row.delivery.MessageId).ThenBy(row => row.delivery.Ordinal)
            .AsNoTracking().ToListAsync(cancellationToken);
        return rows.ConvertAll(row => QueueEntry.From(row.message, row.delivery));
    }
}

/// <param name="NextAttemptAt">When a queued delivery is due; null for all others.</param>
/// <param name="UnderWay">True while a process works on it.</param>
/// <param name="LastReply">The last word of the other side, or empty.</param>
public sealed record QueueEntry(
    DeliveryKey Key, DeliveryState State, string Sender, string AliasAddress, string Recipient, long Size, DateTimeOffset ReceivedAt,
    int Attempts, DateTimeOffset? NextAttemptAt, bool UnderWay, DateTimeOffset? LastAttemptAt, string LastReply, string RemoteHost,
    DateTimeOffset? FinishedAt)
{
    public DeliveryKind Kind { get; init; }

    public Guid? AccountId { get; init; }

    public Guid? AliasId { get; init; }

    /// <summary>See <see cref="DeliveryRow.Reason"/>.</summary>
    public string? Reason { get; init; }

    /// <summary>Of the last attempt; see <see cref="DeliveryRow.Tls"/>.</summary>
    public string? Tls { get; init; }

    internal static QueueEntry From(MessageRow message, DeliveryRow delivery) => new(
        new DeliveryKey(delivery.MessageId, delivery.Ordinal), delivery.State, message.Sender, delivery.AliasAddress, delivery.Recipient,
        message.Size, message.ReceivedAt, delivery.Attempts, delivery.NextAttemptAt,
        delivery.State is DeliveryState.Queued && delivery.Lease is not null, delivery.LastAttemptAt, delivery.LastReply ?? "",
        delivery.RemoteHost ?? "", delivery.FinishedAt)
    {
        Kind = delivery.Kind,
        AccountId = delivery.AccountId,
        AliasId = delivery.AliasId,
        Reason = delivery.Reason,
        Tls = delivery.Tls,
    };
}
