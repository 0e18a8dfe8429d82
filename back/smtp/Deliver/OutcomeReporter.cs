using Microsoft.Extensions.Logging;
using Smtpy.Core.Storage;
using Smtpy.Mail.Client;

namespace Smtpy.Smtp.Deliver;

/// <summary>Turns what the other side said into what is recorded, logged and counted.</summary>
internal sealed class OutcomeReporter(
    DeliveryOptions options, OutcomeRecorder recorder, DeliveryMetrics metrics, TimeProvider time, ILogger logger,
    IOutcomeObserver? observer = null)
{
    public void Delivered(OutboundJob job, int recipient, PeerReply reply, SmtpClientConnection connection) =>
        Report(job, recipient, DeliveryState.Delivered, null, reply, connection.HostText, connection.TlsText);

    /// <param name="tls"><see cref="SmtpClientConnection.TlsText"/>; empty where there was no session.</param>
    public void Failed(OutboundJob job, int recipient, PeerReply reply, string remote, string tls = "") =>
        Report(job, recipient, DeliveryState.Failed, null, reply, remote, tls);

    /// <summary>Nothing was sent: what becomes of the message was decided here.</summary>
    public void NotComposed(OutboundJob job, int recipient, Composition composition)
    {
        if (composition.State is DeliveryState.Queued)
        {
            Deferred(job, recipient, composition.Reason, "");
            return;
        }

        Report(job, recipient, composition.State, null, composition.Reason, "", "");
    }

    /// <param name="notBefore">When the destination itself may be tried again; the default when it is well.</param>
    /// <param name="tls">As for <see cref="Failed"/>.</param>
    public void Deferred(OutboundJob job, int recipient, PeerReply reply, string remote, DateTimeOffset notBefore = default, string tls = "")
    {
        var now = time.GetUtcNow();
        var next = options.Retry.Next(job.Message.Recipients[recipient].Attempts + 1, job.Message.ReceivedAt, now, Random.Shared.NextDouble());
        if (next is null)
        {
            Failed(job, recipient, GivenUp(reply), remote, tls);
            return;
        }

        Report(job, recipient, DeliveryState.Queued, next < notBefore ? notBefore : next, reply, remote, tls);
    }

    /// <summary>
    /// Its destination is left alone, so there is no attempt of its own: due as soon as the destination is, spread over a tenth of that
    /// time so that the first one can find out before the others come. Given up only when it was tried before, its time is up, and the
    /// destination has been tried in vain as often as a message of its own would have been.
    /// </summary>
    public void PutOff(OutboundJob job, int recipient, LaneBlock block)
    {
        var now = time.GetUtcNow();
        var isOver = job.Message.Recipients[recipient].Attempts > 0 && options.Retry.IsUp(block.Failures, job.Message.ReceivedAt, now);
        DateTimeOffset? next = isOver ? null : block.Until + ((block.Until - now) * (Random.Shared.NextDouble() / 10));
        var reply = block.Reply with { Text = "put off, not tried: " + block.Reply.Text };
        Report(
            job, recipient, isOver ? DeliveryState.Failed : DeliveryState.Queued, next, isOver ? GivenUp(block.Reply) : reply, block.RemoteHost, "",
            tried: false);
    }

    /// <param name="recorded">Called when the head is no longer read.</param>
    public void Captured(OutboundJob job, int recipient, ComposedMessage message, Action recorded)
    {
        var envelope = new CapturedEnvelope(message.ReturnPath, message.Head, message.ReplacedOctets);
        Report(job, recipient, DeliveryState.Captured, null, new PeerReply(250, "2.0.0", "captured"), "", "", envelope, recorded);
    }

    private void Report(
        OutboundJob job, int recipient, DeliveryState state, DateTimeOffset? next, PeerReply reply, string remote, string tls,
        CapturedEnvelope? capture = null, Action? recorded = null, bool tried = true)
    {
        var to = job.Message.Recipients[recipient];
        var now = time.GetUtcNow();
        var text = state is DeliveryState.Held ? reply.Text : reply.ToString();
        recorder.Post(new DeliveryReport(to.Key, state, now, next, text, remote, capture) { Tls = tls, Tried = tried }, job.Lease, recorded);
        var outcome = state is DeliveryState.Queued && !tried ? DeliveryOutcome.Postponed : OutcomeOf(state);
        metrics.Ended(outcome);
        if (state is DeliveryState.Failed or DeliveryState.Held || (state is DeliveryState.Queued && tried) || (state is DeliveryState.Delivered && job.Message.IsReply))
        {
            observer?.Ended(new EndedAttempt(to.Key, state, reply, remote, now, job.Message.ReceivedAt));
        }

        if (logger.IsEnabled(LogLevel.Information))
        {
            var delay = Math.Round((now - job.Message.ReceivedAt).TotalSeconds, 3);
            DeliveryLog.Ended(
                logger, to.Key.MessageId, to.Key.Ordinal, DestinationKey.Domain(to.Address), outcome, reply.Code, reply.Enhanced ?? "-", remote, delay);
        }
    }

    private PeerReply GivenUp(PeerReply reply) => reply with { Text = $"given up after {options.Retry.GiveUpAfter.TotalDays:0.#} days: {reply.Text}" };

    private static DeliveryOutcome OutcomeOf(DeliveryState state) => state switch
    {
        DeliveryState.Delivered => DeliveryOutcome.Delivered,
        DeliveryState.Captured => DeliveryOutcome.Captured,
        DeliveryState.Failed => DeliveryOutcome.Failed,
        DeliveryState.Held => DeliveryOutcome.Held,
        _ => DeliveryOutcome.Deferred,
    };
}
