using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Accounts;
using Smtpy.Core.Messages;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Recipients;

/// <summary>Pauses a mailbox that has refused too many messages for good: what comes for it is held from then on. Its owner resumes it, and releases what is held.</summary>
public sealed class PauseRecipient(IDbContextFactory<SmtpyContext> contexts, IOwnerNotices notices, BounceOptions options, TimeProvider time)
{
    /// <summary>Bounces looked at: far more than the limits.</summary>
    private const int Most = 1000;

    /// <param name="mailbox">As the delivery has it.</param>
    /// <returns>True where it is paused by this call.</returns>
    /// <exception cref="StorageException">The database cannot be read or written.</exception>
    public async Task<bool> RunAsync(Guid accountId, string mailbox, CancellationToken cancellationToken)
    {
        try
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            var bounces = await CountAsync(context, accountId, mailbox, cancellationToken);
            if (bounces == 0
                || await context.Recipients.FirstOrDefaultAsync(
                    r => r.AccountId == accountId && r.Email == mailbox && r.PausedAt == null, cancellationToken) is not { } recipient)
            {
                return false;
            }

            recipient.PausedAt = time.GetUtcNow();
            await context.SaveChangesAsync(cancellationToken);
            await notices.SendAsync(accountId, new RecipientPausedNotice(mailbox, bounces), cancellationToken);
            return true;
        }
        catch (Exception failure) when (failure is not StorageException && DatabaseTrouble.IsCauseOf(failure))
        {
            throw new StorageException($"{mailbox} cannot be paused: {failure.Message}", failure);
        }
    }

    /// <returns>Messages that came back from there for good; 0 where they are too few.</returns>
    private async Task<int> CountAsync(SmtpyContext context, Guid accountId, string mailbox, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var since = now - options.LongPeriod;
        var bounces = await context.Bounces
            .Where(b => b.Recipient == mailbox && b.At > since && b.Kind == BounceKind.Hard && b.AccountId == accountId)
            .OrderByDescending(static b => b.At).Take(Most).Select(static b => new { b.MessageId, b.At }).ToListAsync(cancellationToken);
        var reached = Reached(bounces.ConvertAll(static b => (b.MessageId, b.At)), now);
        if (reached == 0 || await LastDeliveredAsync(context, accountId, mailbox, since, cancellationToken) is not { } delivered)
        {
            return reached;
        }

        return Reached(bounces.ConvertAll(static b => (b.MessageId, b.At)).FindAll(b => b.At > delivered), now);
    }

    private int Reached(List<(long MessageId, DateTimeOffset At)> bounces, DateTimeOffset now)
    {
        var longPeriod = bounces.Select(static b => b.MessageId).Distinct().Count();
        var shortPeriod = bounces.Where(b => b.At > now - options.ShortPeriod).Select(static b => b.MessageId).Distinct().Count();
        return longPeriod >= options.MostInLongPeriod || shortPeriod >= options.MostInShortPeriod ? longPeriod : 0;
    }

    /// <summary>
    /// When the mailbox last took a message that did not come back. Asked only once the limit is reached: it walks over the account's
    /// deliveries of the period.
    /// </summary>
    private async Task<DateTimeOffset?> LastDeliveredAsync(
        SmtpyContext context, Guid accountId, string mailbox, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var until = time.GetUtcNow() - options.SilenceMeansDelivered;
        return await context.Deliveries
            .Where(d => d.AccountId == accountId && d.Recipient == mailbox && d.Kind == DeliveryKind.Forward && d.State == DeliveryState.Delivered
                && d.FinishedAt > since && d.FinishedAt < until
                && !context.Bounces.Any(b => b.MessageId == d.MessageId && b.Ordinal == d.Ordinal))
            .MaxAsync(static d => d.FinishedAt, cancellationToken);
    }
}
