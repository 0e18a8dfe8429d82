using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Recipients;
using Smtpy.Core.Storage;
using Smtpy.Mail.Client;
using Smtpy.Mail.Notices;

namespace Smtpy.Core.Messages;

/// <summary>
/// Sends a delivery status notification (RFC 3464) about a reply or a submitted message to the owner who wrote it, as far as they want
/// one, and to nobody else: who wrote was authenticated when the message came, and only a mailbox of the account is written to.
/// </summary>
public sealed class NotifyWriter(
    IDbContextFactory<SmtpyContext> contexts, IMessageStore store, AliasWriters writers, EncryptionBook encryptions, CoreOptions options,
    TimeProvider time, DueSignal? due = null)
{
    private readonly DsnWriter _writer = new(options.HostName, time);

    /// <param name="action">What there is to tell; what the writer did not ask for is not sent.</param>
    /// <param name="reply">The contact's server's words.</param>
    /// <param name="retryUntil">For Delayed.</param>
    /// <exception cref="StorageException">The database cannot be read or written.</exception>
    public async Task RunAsync(
        Origin origin, NotificationAction action, PeerReply reply, string remoteHost, DateTimeOffset? retryUntil, CancellationToken cancellationToken)
    {
        if (origin is not { Kind: DeliveryKind.Reply, AccountId: { } account }
            || !origin.Dsn.Wants(action)
            || await FindMailboxAsync(account, origin, cancellationToken) is not { } mailbox)
        {
            return;
        }

        // Reports go in clear. Who has a key wants nothing of a message in the mailbox that is not encrypted, not even its header.
        var original = (await encryptions.FindAsync(account, mailbox, cancellationToken)).IsWanted
            ? null
            : await store.ReadPartAsync(origin.Key.MessageId, 0, cancellationToken);
        await QueueAsync(account, mailbox, Write(origin, action, reply, remoteHost, retryUntil, mailbox, original), cancellationToken);
    }

    /// <summary>True where the owner was not told of this delay before.</summary>
    /// <param name="from">From when on a delay is told of.</param>
    /// <param name="now">When the attempt ended that is looked at.</param>
    public async Task<bool> IsFirstDelayAsync(DeliveryKey delivery, DateTimeOffset from, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            return !await context.Attempts.AnyAsync(
                a => a.MessageId == delivery.MessageId && a.Ordinal == delivery.Ordinal && a.At >= from && a.At < now, cancellationToken);
        }
        catch (DbException failure)
        {
            throw new StorageException($"The attempts of message {delivery.MessageId} cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>The mailbox that it was written from, where that still is the owner's; else the account's address.</summary>
    private async Task<string?> FindMailboxAsync(Guid account, Origin origin, CancellationToken cancellationToken)
    {
        if (origin.HeaderFrom is { } from && (await writers.FindAsync(account, origin.AliasAddress, cancellationToken)).Contains(from))
        {
            return from;
        }

        try
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            return await context.Accounts.Where(a => a.Id == account).Select(static a => a.Email).FirstOrDefaultAsync(cancellationToken);
        }
        catch (DbException failure)
        {
            throw new StorageException($"The account's address cannot be read: {failure.Message}", failure);
        }
    }

    private OwnMessage Write(
        Origin origin, NotificationAction action, PeerReply reply, string remoteHost, DateTimeOffset? retryUntil, string mailbox, byte[]? original) =>
        _writer.Write(new DeliveryNotification
        {
            Action = action,
            To = mailbox,
            Recipients =
            [
                new NotifiedRecipient
                {
                    Address = origin.Recipient,
                    OriginalRecipient = origin.Dsn.OriginalRecipient,
                    Status = reply.Enhanced ?? Unclear(action),
                    ReplyCode = reply.Code,
                    Reply = reply.Enhanced is { } enhanced ? $"{enhanced} {reply.Text}" : reply.Text,
                    RemoteMta = remoteHost.Length == 0 ? null : remoteHost.Split(' ', '[')[0],
                    // The owner knows whom they wrote to.
                    DiscloseRemote = true,
                },
            ],
            ArrivedAt = origin.ReceivedAt,
            EnvelopeId = origin.Dsn.EnvelopeId,
            ReturnFull = origin.Dsn.ReturnFull && action == NotificationAction.Failed,
            Original = original,
            OriginalIsWhole = origin.PartCount == 1,
            WillRetryUntil = retryUntil,
        });

    /// <summary>RFC 3463 section 3.1: nothing more is known.</summary>
    private static string Unclear(NotificationAction action) => action switch
    {
        NotificationAction.Failed => "5.0.0",
        NotificationAction.Delayed => "4.0.0",
        _ => "2.0.0",
    };

    private async Task QueueAsync(Guid account, string mailbox, OwnMessage message, CancellationToken cancellationToken)
    {
        var id = await store.NextMessageIdAsync(cancellationToken);
        var delivery = new NewDelivery(0, account, null, mailbox, mailbox, DeliveryState.Queued, Leased: false)
        {
            Kind = DeliveryKind.Notice,
            Reason = "delivery report",
        };
        await store.StoreAsync(
            new NewMessage(id, time.GetUtcNow(), "", "", options.HostName, message.NeedsSmtpUtf8 ? NewMessage.Utf8Protocol : "", message.Octets.Length, 0, message.Octets, [delivery])
            {
                HeaderFrom = "mailer-daemon@" + options.HostName,
                HeaderMessageId = message.MessageId.Trim('<', '>'),
                Origin = MessageOrigin.Ourselves,
            },
            cancellationToken);
        await (due?.AnnounceAsync(cancellationToken) ?? ValueTask.CompletedTask);
    }
}
