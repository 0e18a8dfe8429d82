using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Smtpy.Core.Storage;
using Smtpy.Mail.Notices;

namespace Smtpy.Core.Accounts;

/// <summary>Writes notices and queues them like any mail, from the null reverse path (RFC 5321 section 4.5.5): none comes back.</summary>
public sealed partial class NotifyOwner(
    IDbContextFactory<SmtpyContext> contexts, IMessageStore store, CoreOptions options, TimeProvider time, ILogger<NotifyOwner> logger,
    DueSignal? due = null) : IOwnerNotices, IDisposable
{
    private readonly NoticeWriter _writer = new(options.HostName, time);
    private readonly OwnerWays _ways = new(options.Notices.PublicUrl);
    private readonly NoticeQuota _quota = new(options.Notices.MostPerDay);

    public async ValueTask SendAsync(Guid accountId, OwnerNotice notice, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(notice);
        try
        {
            var now = time.GetUtcNow();
            if (await FindAddressAsync(accountId, notice, cancellationToken) is not { } address)
            {
                return;
            }

            var turn = await _quota.TakeAsync(
                accountId, notice.Kind, now, day => CountAsync(accountId, notice.Kind, day, cancellationToken), cancellationToken);
            if (turn.Granted)
            {
                await QueueAsync(accountId, address, notice, turn, now, cancellationToken);
            }
        }
        catch (Exception failure) when (DatabaseTrouble.IsCauseOf(failure))
        {
            LogNotSent(failure, notice.Kind, accountId);
        }
    }

    public void Dispose() => _quota.Dispose();

    /// <returns>
    /// Where notices of the account go: its own address and no other, since the mailboxes of its aliases may be other people's. Null where that very
    /// mailbox is the one that takes no mail, and where the message is ours: a notice about a notice would never end.
    /// </returns>
    private async Task<string?> FindAddressAsync(Guid accountId, OwnerNotice notice, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (notice.MessageId is { } id && await context.Messages.AnyAsync(m => m.Id == id && m.Origin == MessageOrigin.Ourselves, cancellationToken))
        {
            return null;
        }

        var own = await context.Accounts.Where(a => a.Id == accountId).Select(static a => a.Email).FirstOrDefaultAsync(cancellationToken);
        return own is not null && own.Equals(notice.Unreachable, StringComparison.OrdinalIgnoreCase) ? null : own;
    }

    private async Task<int> CountAsync(Guid accountId, string kind, DateTimeOffset day, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Deliveries
            .Where(d => d.AccountId == accountId && d.Kind == DeliveryKind.Notice && d.Reason == kind)
            .Join(context.Messages.Where(m => m.ReceivedAt >= day), static d => d.MessageId, static m => m.Id, static (d, _) => d)
            .CountAsync(cancellationToken);
    }

    private async Task QueueAsync(
        Guid accountId, string address, OwnerNotice notice, NoticeTurn turn, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var written = notice.Write(_ways, now, options.Retention);
        var message = _writer.Write(address, written with { Text = written.Text + Rest(turn), HeaderExcerpt = notice.HeaderExcerpt });
        var id = await store.NextMessageIdAsync(cancellationToken);
        var delivery = new NewDelivery(0, accountId, null, address, address, DeliveryState.Queued, Leased: false)
        {
            Kind = DeliveryKind.Notice,
            Reason = notice.Kind,
        };
        await store.StoreAsync(
            new NewMessage(id, now, "", "", options.HostName, message.NeedsSmtpUtf8 ? NewMessage.Utf8Protocol : "", message.Octets.Length, 0, message.Octets, [delivery])
            {
                HeaderFrom = "no-reply@" + options.HostName,
                HeaderMessageId = message.MessageId.Trim('<', '>'),
                Origin = MessageOrigin.Ourselves,
            },
            cancellationToken);
        await (due?.AnnounceAsync(cancellationToken) ?? ValueTask.CompletedTask);
    }

    /// <summary>What the limit leaves out must not be unseen.</summary>
    private string Rest(NoticeTurn turn)
    {
        var leftOut = turn.LeftOut == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture, $"Yesterday there were {turn.LeftOut} more of this kind that you got no notice of. All are here:\n{_ways.Messages}\n\n");
        return turn.IsLast
            ? leftOut + $"There will be no more notices of this kind today. All messages are here:\n{_ways.Messages}\n\n"
            : leftOut;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A notice \"{Kind}\" to account {AccountId} could not be queued")]
    private partial void LogNotSent(Exception failure, string kind, Guid accountId);
}
