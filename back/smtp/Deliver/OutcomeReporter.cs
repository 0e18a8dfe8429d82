using Microsoft.Extensions.Logging;
using Smtpy.Core.Storage;
using Smtpy.Mail.Client;

namespace Smtpy.Smtp.Deliver;

/// <summary>Turns what the other side said into what is recorded, logged and counted.</summary>
internal sealed class OutcomeReporter(
    DeliveryOptions options, OutcomeRecorder recorder, DeliveryMetrics metrics, TimeProvider time, ILogger logger)
{
    public void Delivered(OutboundJob job, int recipient, PeerReply reply, string remote) =>
        Report(job, recipient, DeliveryState.Delivered, null, reply, remote);

    public void Failed(OutboundJob job, int recipient, PeerReply reply, string remote) =>
        Report(job, recipient, DeliveryState.Failed, null, reply, remote);

    /// <param name="notBefore">When the destination itself may be tried again; the default when it is well.</param>
    public void Deferred(OutboundJob job, int recipient, PeerReply reply, string remote, DateTimeOffset notBefore = default)
    {
        var now = time.GetUtcNow();
        var next = options.Retry.Next(job.Message.Recipients[recipient].Attempts + 1, job.Message.ReceivedAt, now, Random.Shared.NextDouble());
        if (next is null)
        {
            Failed(job, recipient, reply with { Text = $"given up after {options.Retry.GiveUpAfter.TotalDays:0.#} days: {reply.Text}" }, remote);
            return;
        }

        Report(job, recipient, DeliveryState.Queued, next < notBefore ? notBefore : next, reply, remote);
    }

    /// <summary>
    /// Deferred because its destination is left alone, without an attempt of its own: due as soon as the destination is, spread over
    /// a tenth of that time so that the first one can find out before the others come.
    /// </summary>
    public void Untried(OutboundJob job, int recipient, PeerReply reply, string remote, DateTimeOffset blockedUntil)
    {
        var now = time.GetUtcNow();
        if (now >= job.Message.ReceivedAt + options.Retry.GiveUpAfter)
        {
            Deferred(job, recipient, reply, remote);
            return;
        }

        var next = blockedUntil + ((blockedUntil - now) * (Random.Shared.NextDouble() / 10));
        Report(job, recipient, DeliveryState.Queued, next, reply, remote);
    }

    /// <param name="recorded">Called when the head is no longer read.</param>
    public void Captured(OutboundJob job, int recipient, Action recorded)
    {
        var message = job.Message;
        var envelope = new CapturedEnvelope(message.ReturnPath, message.Head);
        Report(job, recipient, DeliveryState.Captured, null, new PeerReply(250, "2.0.0", "captured"), "", envelope, recorded);
    }

    private void Report(
        OutboundJob job, int recipient, DeliveryState state, DateTimeOffset? next, PeerReply reply, string remote,
        CapturedEnvelope? capture = null, Action? recorded = null)
    {
        var to = job.Message.Recipients[recipient];
        var now = time.GetUtcNow();
        recorder.Post(new DeliveryReport(to.Key, state, now, next, reply.ToString(), remote, capture), job.Lease, recorded);
        var outcome = OutcomeOf(state);
        metrics.Ended(outcome);
        if (logger.IsEnabled(LogLevel.Information))
        {
            var delay = Math.Round((now - job.Message.ReceivedAt).TotalSeconds, 3);
            DeliveryLog.Ended(
                logger, to.Key.MessageId, to.Key.Ordinal, DestinationKey.Domain(to.Address), outcome, reply.Code, reply.Enhanced, remote, delay);
        }
    }

    private static DeliveryOutcome OutcomeOf(DeliveryState state) => state switch
    {
        DeliveryState.Delivered => DeliveryOutcome.Delivered,
        DeliveryState.Captured => DeliveryOutcome.Captured,
        DeliveryState.Failed => DeliveryOutcome.Failed,
        _ => DeliveryOutcome.Deferred,
    };
}
