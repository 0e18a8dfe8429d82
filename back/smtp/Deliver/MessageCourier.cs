using System.Net;
using Microsoft.Extensions.Logging;
using Smtpy.Mail.Client;
using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Smtp.Deliver;

/// <summary>Takes one message to its destination over a worker's session and sees to its outcomes.</summary>
internal sealed class MessageCourier(
    LaneBoard board, OutcomeReporter reporter, OutcomeRecorder recorder, IJobOwner owner, DeliveryOptions options,
    DeliveryMetrics metrics, TimeProvider time, ILogger logger, CancellationToken aborted)
{
    /// <summary>The time for a graceful stop is over.</summary>
    public CancellationToken Aborted => aborted;

    public bool IsWornOut(SmtpClientConnection? connection) => connection is not null
        && (!connection.IsUsable || connection.Messages >= Math.Min(options.MaxMessagesPerConnection, connection.Capabilities.MaxMessages));

    public async Task DeliverAsync(LaneWorker worker, OutboundJob job)
    {
        if (job.Lease != recorder.Lease)
        {
            owner.Release(job);
            return;
        }

        var started = time.GetTimestamp();
        if (SlowMessages.Include(job.Message.Content.Length))
        {
            await Task.Yield();
        }

        try
        {
            if (await ComposeAsync(job) is { } message)
            {
                await TryAsync(worker, job, message);
                var took = time.GetElapsedTime(started);
                worker.Lane.Took(took);
                metrics.Took(took);
            }
        }
        catch (OperationCanceledException) when (aborted.IsCancellationRequested)
        {
            owner.GiveBack(job);
        }
        catch (IOException e)
        {
            DeferAll(job, new PeerReply(451, "4.3.0", e.Message), "", default);
        }
        catch (Exception e)
        {
            // A bug, or storage in a state nobody foresaw. The lease is kept alive, so without an outcome the message would be stuck.
            DeliveryLog.DeliveryBroke(logger, e, job.Message.MessageId);
            await worker.CloseAsync();
            DeferAll(job, new PeerReply(451, "4.3.5", "internal error"), "", default);
        }
    }

    /// <summary>Holds a worker back while too many outcomes are on their way to the store.</summary>
    public ValueTask WaitForRecordsAsync() => recorder.WaitForRoomAsync(aborted);

    /// <summary>Puts a message into the capture mailbox. Observes every failure itself.</summary>
    public async Task CaptureAsync(OutboundJob job)
    {
        try
        {
            // Not in the hands of who enqueued it: composing may take a while.
            await Task.Yield();
            if (await ComposeAsync(job) is { } message)
            {
                Captured(job, message);
            }
        }
        catch (OperationCanceledException) when (aborted.IsCancellationRequested)
        {
            owner.GiveBack(job);
        }
        catch (IOException e)
        {
            DeferAll(job, new PeerReply(451, "4.3.0", e.Message), "", default);
        }
        catch (Exception e)
        {
            DeliveryLog.DeliveryBroke(logger, e, job.Message.MessageId);
            DeferAll(job, new PeerReply(451, "4.3.5", "internal error"), "", default);
        }
    }

    private void Captured(OutboundJob job, ComposedMessage message)
    {
        // The store reads the head until it has committed, so the message is released only then.
        var left = job.Message.Recipients.Count;
        for (var i = 0; i < job.Message.Recipients.Count; i++)
        {
            reporter.Captured(job, i, message, () =>
            {
                if (Interlocked.Decrement(ref left) == 0)
                {
                    owner.Release(job);
                }
            });
        }
    }

    /// <summary>Null where nothing goes out: the outcomes are reported then.</summary>
    private async ValueTask<ComposedMessage?> ComposeAsync(OutboundJob job)
    {
        var composition = await job.Message.ComposeAsync(aborted);
        if (composition.Succeeded)
        {
            return composition.Message;
        }

        if (ReferenceEquals(composition, Composition.Apart))
        {
            owner.Split(job);
            return null;
        }

        for (var i = 0; i < job.Message.Recipients.Count; i++)
        {
            reporter.NotComposed(job, i, composition);
        }

        owner.Release(job);
        return null;
    }

    private async Task TryAsync(LaneWorker worker, OutboundJob job, ComposedMessage message)
    {
        var avoid = new List<IPEndPoint>(0);
        OpenResult? lost = null;
        while (true)
        {
            if (worker.Connection is not { } connection)
            {
                var opened = await worker.Lane.Destination.OpenAsync(avoid, aborted);
                if (opened.Connection is null)
                {
                    Unopened(worker, job, opened.IsPermanent ? opened : lost ?? opened);
                    return;
                }

                connection = opened.Connection;
                worker.Attach(connection);
                metrics.Opened();
            }

            var fresh = connection.Messages == 0;
            var result = await SendAsync(connection, job, message);
            if (result.Untouched && !result.Cancelled)
            {
                // A reused session may have been closed meanwhile: that says nothing about the host. A fresh one does.
                await worker.CloseAsync();
                if (fresh)
                {
                    avoid.Add(connection.Host.EndPoint);
                    lost = OpenResult.NotNow(result.Recipients[0].Reply, connection.HostText);
                }

                continue;
            }

            Answered(worker, job, connection, result);
            return;
        }
    }

    private Task<SendResult> SendAsync(SmtpClientConnection connection, OutboundJob job, ComposedMessage message)
    {
        if (connection.Messages > 0)
        {
            metrics.Reused();
        }

        return connection.SendAsync(
            new SmtpEnvelope(message.ReturnPath, new AddressView(job.Message.Recipients))
            {
                RequireTls = job.Message.TlsDemand == TlsDemand.Required,
                SmtpUtf8 = job.Message.SmtpUtf8,
            },
            message.Head, message.Content, aborted);
    }

    private void Answered(LaneWorker worker, OutboundJob job, SmtpClientConnection connection, SendResult result)
    {
        board.Reached(worker.Lane);
        for (var i = 0; i < result.Recipients.Count; i++)
        {
            var (status, reply) = result.Recipients[i];
            switch (status)
            {
                case SendStatus.Delivered:
                    reporter.Delivered(job, i, reply, connection);
                    break;
                case SendStatus.Refused:
                    reporter.Failed(job, i, reply, connection.HostText, connection.TlsText);
                    break;
                default:
                    if (result.Cancelled)
                    {
                        owner.GiveBack(job.Message.Recipients[i].Key);
                    }
                    else
                    {
                        reporter.Deferred(job, i, reply, connection.HostText, tls: connection.TlsText);
                    }

                    break;
            }
        }

        owner.Release(job);
    }

    private void Unopened(LaneWorker worker, OutboundJob job, OpenResult opened)
    {
        if (opened.IsPermanent)
        {
            board.Reached(worker.Lane);
            for (var i = 0; i < job.Message.Recipients.Count; i++)
            {
                reporter.Failed(job, i, opened.Failure, opened.RemoteHost);
            }

            owner.Release(job);
            return;
        }

        var setback = board.Unreachable(worker, job, opened.Failure, opened.RemoteHost);
        if (setback.Requeued)
        {
            return;
        }

        var until = setback.Block.Until;
        DeferAll(job, opened.Failure, opened.RemoteHost, until);
        DeliveryLog.LaneBlocked(logger, options.Relay?.ToString() ?? worker.Lane.Key.Destination, opened.Failure.ToString(), setback.Waiting.Count, until);
        foreach (var waiting in setback.Waiting)
        {
            owner.PutOff(waiting, setback.Block);
        }
    }

    private void DeferAll(OutboundJob job, PeerReply reply, string remote, DateTimeOffset notBefore)
    {
        for (var i = 0; i < job.Message.Recipients.Count; i++)
        {
            reporter.Deferred(job, i, reply, remote, notBefore);
        }

        owner.Release(job);
    }
}
