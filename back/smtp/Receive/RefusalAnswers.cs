using Microsoft.Extensions.Logging;
using Smtpy.Core.Accounts;
using Smtpy.Core.Aliases;
using Smtpy.Core.Storage;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Submit;

namespace Smtpy.Smtp.Receive;

/// <summary>Says no: counts it, logs it, puts it down for the owner where there is one, and gives the reply.</summary>
public sealed class RefusalAnswers(
    ReceiveOptions options, ClientLimits limits, RefusalRecorder recorder, ReceiveMetrics metrics, ILogger<RefusalAnswers> logger)
{
    private readonly SmtpReply _tooManyErrors = Replies.TooManyErrors(options.Hostname);

    internal SmtpReply Recipient(SmtpTransaction transaction, SmtpRecipient recipient, SmtpReply reply, Refusal reason)
    {
        metrics.Refused(reason);
        var peer = transaction.Peer;
        ReceiveLog.RecipientRefused(logger, transaction.Sender.Address, recipient.Address, peer.RemoteEndPoint.Address, peer.Helo, reason.Word());
        if (recipient.PolicyState is AliasLookup route)
        {
            recorder.Record(transaction, recipient, route, reply);
        }

        return reply.IsTransient || limits.TryError(peer.RemoteEndPoint.Address) ? reply : _tooManyErrors;
    }

    /// <param name="recipient">Null where it is about the sender.</param>
    internal SmtpReply Submission(SmtpTransaction transaction, SmtpRecipient? recipient, Submitter submitter, SmtpReply reply, Refusal reason)
    {
        recorder.Record(transaction, submitter, reply);
        return recipient is null ? Message(transaction, reply, reason) : Recipient(transaction, recipient, reply, reason);
    }

    internal SmtpReply Message(SmtpTransaction transaction, SmtpReply reply, Refusal reason)
    {
        metrics.Refused(reason);
        ReceiveLog.MessageRefused(logger, transaction.Sender.Address, transaction.Peer.RemoteEndPoint.Address, reply.Code, reply.Text);
        return reply;
    }

    /// <summary>A message that was not even judged, for every recipient whose owner misses it.</summary>
    internal SmtpReply Unjudged(SmtpTransaction transaction, SmtpReply reply, Refusal reason)
    {
        if (SubmissionPolicy.SubmitterOf(transaction.Peer) is { } submitter)
        {
            if (transaction.Recipients.Count > 0)
            {
                recorder.Record(transaction, submitter, reply);
            }

            return Message(transaction, reply, reason);
        }

        foreach (var recipient in transaction.Recipients)
        {
            if (recipient.PolicyState is AliasLookup route)
            {
                recorder.Record(transaction, recipient, route, reply);
            }
        }

        return Message(transaction, reply, reason);
    }

    /// <summary>Nobody is there to be told, and whoever it was comes again: for the operator alone.</summary>
    internal void CutOff(SmtpTransaction transaction)
    {
        metrics.Refused(Refusal.CutOff);
        var peer = transaction.Peer;
        ReceiveLog.CutOff(logger, transaction.Sender.Address, transaction.Recipients.Count, peer.RemoteEndPoint.Address, peer.Helo);
    }

    internal SmtpReply Storage(SmtpTransaction transaction, StorageException failure)
    {
        var (reply, reason) = failure is StorageFullException ? (Replies.StorageFull, Refusal.StorageFull) : (Replies.StorageTrouble, Refusal.Storage);
        metrics.Refused(reason);
        ReceiveLog.NotStored(logger, transaction.Sender.Address, transaction.Peer.RemoteEndPoint.Address, reply.Code, failure.Message);
        return reply;
    }
}
