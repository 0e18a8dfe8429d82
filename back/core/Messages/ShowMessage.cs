using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Messages;

/// <summary>Shows one message: where it came from, its deliveries, and its header fields while its octets are kept.</summary>
public sealed class ShowMessage(IDbContextFactory<SmtpyContext> contexts)
{
    public async Task<Outcome<MessageDetails>> RunAsync(long messageId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var message = await context.Messages.AsNoTracking().FirstOrDefaultAsync(m => m.Id == messageId, cancellationToken);
        if (message is null)
        {
            return Problem.NotFound($"There is no message {messageId}; see which there are with: smtpy queue list");
        }

        var deliveries = await context.Deliveries.AsNoTracking().Where(d => d.MessageId == messageId)
            .OrderBy(d => d.Ordinal).ToListAsync(cancellationToken);

        // The head of a message fits its first part but for oddities, of which the first part is enough to show.
        var first = await context.MessageParts.Where(p => p.MessageId == messageId && p.Part == 0)
            .Select(p => p.Octets).FirstOrDefaultAsync(cancellationToken);
        return new MessageDetails(
            message.Id, message.ReceivedAt, message.Sender, message.ClientAddress, message.Helo, message.Protocol, message.Size,
            deliveries.ConvertAll(d => QueueEntry.From(message, d)), first is null ? null : HeaderFields.Read(first));
    }
}

/// <param name="HeaderFields">In the message's order, unfolded; null where the octets are no longer stored.</param>
public sealed record MessageDetails(
    long Id, DateTimeOffset ReceivedAt, string Sender, string ClientAddress, string Helo, string Protocol, long Size,
    IReadOnlyList<QueueEntry> Deliveries, IReadOnlyList<HeaderField>? HeaderFields);

public sealed record HeaderField(string Name, string Value);
