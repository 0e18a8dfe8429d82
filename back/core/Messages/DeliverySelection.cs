using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;

namespace Smtpy.Core.Messages;

/// <summary>
/// The deliveries that are meant by a message id and perhaps an ordinal: all of them for the operator, for an account its own. To an
/// account a message of others only is one that does not exist.
/// </summary>
internal static class DeliverySelection
{
    public static Task<List<DeliveryRow>> FindAsync(
        SmtpyContext context, long messageId, int? ordinal, Guid? accountId, CancellationToken cancellationToken) => context.Deliveries.AsNoTracking()
        .Where(d => d.MessageId == messageId && (ordinal == null || d.Ordinal == ordinal) && (accountId == null || d.AccountId == accountId))
        .OrderBy(d => d.Ordinal)
        .ToListAsync(cancellationToken);

    public static Problem Missing(long messageId, int? ordinal, Guid? accountId) => Problem.NotFound(
        accountId is not null
            ? "There is no such message."
            : $"There is no {(ordinal is null ? "message" : $"delivery {ordinal} of message")} {messageId}; see which there are with: smtpy queue list");

    public static bool NeedsOctets(DeliveryRow delivery) =>
        delivery.State is DeliveryState.Queued or DeliveryState.Captured or DeliveryState.Failed or DeliveryState.Held;

    public static string States(IEnumerable<DeliveryRow> deliveries) => string.Join(
        ", ", deliveries.Select(d => d is { State: DeliveryState.Queued, Lease: not null } ? "being delivered" : d.State.ToString().ToLowerInvariant()).Distinct());
}
