using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;
using Smtpy.Mail.Messages;

namespace Smtpy.Core.Messages;

/// <summary>The capture mailbox on the database.</summary>
public sealed class CaptureMailbox(IDbContextFactory<SmtpyContext> contexts, IMessageStore store) : ICaptureMailbox
{
    public async Task<IReadOnlyList<CapturedMessage>> ListAsync(int skip, int take, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var page = context.CapturedMessages
            .OrderByDescending(c => c.CapturedAt).ThenByDescending(c => c.MessageId).ThenByDescending(c => c.Ordinal)
            .Skip(skip).Take(take);

        // The page is chosen by the database; a join does not keep its order.
        var captured = await Project(context, page).ToListAsync(cancellationToken);
        return [.. captured
            .OrderByDescending(c => c.CapturedAt).ThenByDescending(c => c.Key.MessageId).ThenByDescending(c => c.Key.Ordinal)];
    }

    public async Task<int> CountAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.CapturedMessages.CountAsync(cancellationToken);
    }

    public async Task<CapturedMessage?> FindAsync(DeliveryKey key, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await Project(context, Captured(context, key)).FirstOrDefaultAsync(cancellationToken);
    }

    public async Task<MessageContent?> OpenAsync(DeliveryKey key, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var captured = await Captured(context, key)
            .Join(context.Messages, c => c.MessageId, m => m.Id, (c, m) => new { c.Head, c.ReplacedOctets, m.PartCount, m.Size })
            .FirstOrDefaultAsync(cancellationToken);
        return captured is null
            ? null
            : new StoredContent(store, key.MessageId, captured.PartCount, captured.Size, captured.Head, captured.ReplacedOctets);
    }

    private static IQueryable<CapturedRow> Captured(SmtpyContext context, DeliveryKey key) =>
        context.CapturedMessages.Where(c => c.MessageId == key.MessageId && c.Ordinal == key.Ordinal);

    private static IQueryable<CapturedMessage> Project(SmtpyContext context, IQueryable<CapturedRow> captured) =>
        from c in captured
        join d in context.Deliveries on new { c.MessageId, c.Ordinal } equals new { d.MessageId, d.Ordinal }
        join m in context.Messages on c.MessageId equals m.Id
        select new CapturedMessage(
            new DeliveryKey(c.MessageId, c.Ordinal), m.ReceivedAt, c.CapturedAt, m.Sender, c.ReturnPath, d.AliasAddress, d.Recipient,
            m.Size - c.ReplacedOctets + c.Head.Length);
}
