using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;
using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Core.Messages;

/// <summary>
/// A message's story: where it came from, what was found out about it, where it went and what was said to each attempt, what came
/// back, and its header fields while its octets are kept.
/// </summary>
public sealed class ShowMessage(IDbContextFactory<SmtpyContext> contexts)
{
    /// <param name="accountId">The account that asks: it sees its own deliveries and learns of no others. Null for the operator.</param>
    public async Task<Outcome<MessageDetails>> RunAsync(long messageId, Guid? accountId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var message = await context.Messages.AsNoTracking().FirstOrDefaultAsync(m => m.Id == messageId, cancellationToken);
        var deliveries = await DeliverySelection.FindAsync(context, messageId, null, accountId, cancellationToken);
        if (message is null || (accountId is not null && deliveries.Count == 0))
        {
            return DeliverySelection.Missing(messageId, null, accountId);
        }

        // The head of a message fits its first part but for oddities, of which the first part is enough to show.
        var first = accountId is null || deliveries.Exists(DeliverySelection.NeedsOctets)
            ? await context.MessageParts.Where(p => p.MessageId == messageId && p.Part == 0).Select(p => p.Octets).FirstOrDefaultAsync(cancellationToken)
            : null;
        var attempts = await context.Attempts.AsNoTracking().Where(a => a.MessageId == messageId)
            .OrderBy(a => a.Ordinal).ThenBy(a => a.Number).ToListAsync(cancellationToken);
        var bounces = await context.Bounces.AsNoTracking().Where(b => b.MessageId == messageId).OrderBy(b => b.At).ToListAsync(cancellationToken);
        return new MessageDetails(
            message.Id, message.ReceivedAt, message.Sender, message.ClientAddress, message.Helo, message.Protocol, message.Size,
            deliveries.ConvertAll(d => new DeliveryStory(
                QueueEntry.From(message, d), Attempts(d, attempts), bounces.FindAll(b => b.Ordinal == d.Ordinal))),
            first is null ? null : HeaderFields.Read(first))
        {
            Tls = message.Tls,
            TlsDemand = message.TlsDemand,
            Origin = message.Origin,
            HeaderFrom = message.HeaderFrom,
            HeaderMessageId = message.HeaderMessageId,
            Judgement = message.Judgement,
        };
    }

    /// <summary>An attempt that was the end stands in the delivery alone.</summary>
    private static List<Attempt> Attempts(DeliveryRow delivery, List<AttemptRow> rows)
    {
        var attempts = rows.FindAll(a => a.Ordinal == delivery.Ordinal)
            .ConvertAll(static a => new Attempt(a.Number, a.At, a.Reply, a.RemoteHost, a.Tls));
        if (delivery.LastAttemptAt is { } at && attempts.TrueForAll(a => a.Number != delivery.Attempts))
        {
            attempts.Add(new Attempt(delivery.Attempts, at, delivery.LastReply ?? "", delivery.RemoteHost ?? "", delivery.Tls));
        }

        return attempts;
    }
}

/// <param name="Deliveries">Those that the asker may see.</param>
/// <param name="HeaderFields">In the message's order, unfolded; null where the octets are no longer stored.</param>
public sealed record MessageDetails(
    long Id, DateTimeOffset ReceivedAt, string Sender, string ClientAddress, string Helo, string Protocol, long Size,
    IReadOnlyList<DeliveryStory> Deliveries, IReadOnlyList<HeaderField>? HeaderFields)
{
    /// <summary>See <see cref="MessageRow.Tls"/>.</summary>
    public string? Tls { get; init; }

    public TlsDemand TlsDemand { get; init; }

    public MessageOrigin Origin { get; init; }

    public string? HeaderFrom { get; init; }

    public string? HeaderMessageId { get; init; }

    /// <summary>JSON; null where nothing was judged.</summary>
    public string? Judgement { get; init; }
}

/// <param name="Attempts">The oldest first; the last one is how it stands.</param>
/// <param name="Bounces">What came back after it had left.</param>
public sealed record DeliveryStory(QueueEntry Entry, IReadOnlyList<Attempt> Attempts, IReadOnlyList<BounceRow> Bounces);

/// <param name="Number">1, 2, …</param>
/// <param name="RemoteHost">Host and port that replied; empty where none was reached.</param>
/// <param name="Tls">Null where there was no session.</param>
public sealed record Attempt(int Number, DateTimeOffset At, string Reply, string RemoteHost, string? Tls);

public sealed record HeaderField(string Name, string Value);
