using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Smtpy.Core.Accounts;
using Smtpy.Core.Messages;
using Smtpy.Core.Storage;
using Smtpy.Mail.Bounces;
using Smtpy.Mail.Notices;

namespace Smtpy.Smtp.Deliver;

/// <summary>
/// Tells owners what did not arrive, and who asked for it what did: who wrote a reply gets a delivery status notification, and what could
/// not be forwarded is taken like a bounce. Strangers get nothing: to whom an unauthenticated sender belongs is not known (no backscatter). One after the
/// other, behind the deliveries' back; what does not fit is in the message's story all the same.
/// </summary>
public sealed partial class OutcomeWatch(
    FindOrigin origins, TakeBounce bounces, NotifyWriter writer, IOwnerNotices notices, DeliveryOptions delivery, ILogger<OutcomeWatch> logger,
    OutcomeWatchOptions? options = null) : BackgroundService, IOutcomeObserver
{
    private readonly OutcomeWatchOptions _options = options ?? new OutcomeWatchOptions();

    private readonly Channel<EndedAttempt> _ended = Channel.CreateBounded<EndedAttempt>(
        new BoundedChannelOptions((options ?? new OutcomeWatchOptions()).Capacity) { SingleReader = true });

    /// <summary>Deliveries of one message are held one after the other.</summary>
    private (long MessageId, Guid? AccountId) _lastHeld;

    public void Ended(in EndedAttempt ended)
    {
        if (ended.State == DeliveryState.Queued && ended.At - ended.ReceivedAt < _options.DelayIsNewsAfter)
        {
            return;
        }

        // What arrived must not crowd out what did not.
        var isLeftOut = ended.State == DeliveryState.Delivered && _ended.Reader.Count > _options.Capacity / 2;
        if (isLeftOut || !_ended.Writer.TryWrite(ended))
        {
            LogLeftOut(ended.Key.MessageId, ended.Key.Ordinal);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var ended in _ended.Reader.ReadAllAsync(stoppingToken))
            {
                await TryTellAsync(ended, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    private async Task TryTellAsync(EndedAttempt ended, CancellationToken cancellationToken)
    {
        try
        {
            await TellAsync(ended, cancellationToken);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it is: one notice less must not end the server.
            LogNotTold(failure, ended.Key.MessageId, ended.Key.Ordinal);
        }
    }

    private async Task TellAsync(EndedAttempt ended, CancellationToken cancellationToken)
    {
        if (await origins.RunAsync(ended.Key.MessageId, ended.Key.Ordinal, cancellationToken) is not { AccountId: not null } origin)
        {
            return;
        }

        switch (origin.Kind)
        {
            case DeliveryKind.Forward or DeliveryKind.Reply when ended.State == DeliveryState.Held:
                await TellHeldAsync(ended, origin, cancellationToken);
                break;
            case DeliveryKind.Forward when ended.State == DeliveryState.Failed:
                await bounces.RunAsync(Alone(origin), Report(ended), reportId: 0, isLate: false, cancellationToken);
                break;
            case DeliveryKind.Reply when ended.State == DeliveryState.Failed:
                await writer.RunAsync(origin, NotificationAction.Failed, ended.Reply, ended.RemoteHost, null, cancellationToken);
                break;
            case DeliveryKind.Reply when ended.State == DeliveryState.Delivered:
                // The next server is not asked to report, so its word is the last there is (RFC 3461 section 5.2.3).
                await writer.RunAsync(origin, NotificationAction.Relayed, ended.Reply, ended.RemoteHost, null, cancellationToken);
                break;
            case DeliveryKind.Reply when ended.State == DeliveryState.Queued && await writer.IsFirstDelayAsync(
                ended.Key, ended.ReceivedAt + _options.DelayIsNewsAfter, ended.At, cancellationToken):
                await writer.RunAsync(
                    origin, NotificationAction.Delayed, ended.Reply, ended.RemoteHost, ended.ReceivedAt + delivery.Retry.GiveUpAfter, cancellationToken);
                break;
        }
    }

    /// <summary>
    /// Found out when it was to leave: it cannot be encrypted any more, or still tells of the mailbox. Once for all of an account's mailboxes
    /// that a message goes to.
    /// </summary>
    private async Task TellHeldAsync(EndedAttempt ended, Origin origin, CancellationToken cancellationToken)
    {
        if ((ended.Key.MessageId, origin.AccountId) == _lastHeld)
        {
            return;
        }

        _lastHeld = (ended.Key.MessageId, origin.AccountId);
        OwnerNotice notice = origin.Kind == DeliveryKind.Reply
            ? new ReplyHeldNotice(ended.Key.MessageId, origin.AliasAddress, origin.Recipient, ended.Reply.Text)
            : new MessageHeldNotice(ended.Key.MessageId, origin.AliasAddress, origin.HeaderFrom ?? "", ended.Reply.Text);
        await notices.SendAsync(origin.AccountId!.Value, notice, cancellationToken);
    }

    /// <summary>Each recipient has its own answer here.</summary>
    private static Origin Alone(Origin origin) => origin with { Recipients = [.. origin.Recipients.Where(r => r.Ordinal == origin.Key.Ordinal)] };

    private static MailReport Report(EndedAttempt ended) => new()
    {
        Kind = BounceClassifier.Classify(ended.Reply.Enhanced, ended.Reply.Code, ended.Reply.Text),
        Status = ended.Reply.Enhanced,
        Diagnostic = ended.Reply.ToString(),
        RemoteMta = ended.RemoteHost,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "too much at once: nobody is told of {MessageId}/{Ordinal}, its story has it")]
    private partial void LogLeftOut(long messageId, int ordinal);

    [LoggerMessage(Level = LogLevel.Warning, Message = "nobody could be told of the end of {MessageId}/{Ordinal}, its story has it")]
    private partial void LogNotTold(Exception failure, long messageId, int ordinal);
}
