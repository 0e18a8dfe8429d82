using Smtpy.Core.Accounts;
using Smtpy.Core.Storage;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Submit;

namespace Smtpy.Smtp.Receive;

/// <summary>
/// SMTPy's policy for the SMTP engine: which clients, which recipients, and what becomes of a message. The order is DESIGN
/// section 3's: connection, envelope, (judgement), store, then 250, then route and deliver.
/// </summary>
public sealed class MailReceiver(
    ReceiveOptions options, ClientLimits limits, SignInLimits signInLimits, SubmissionPolicy submission, RecipientPolicy recipients,
    MessageIntake intake, RefusalAnswers refused, ReceiveMetrics metrics) : ISmtpPolicy
{
    private readonly SmtpReply _tooManyConnections = Replies.TooManyConnections(options.Hostname);

    public ValueTask<SmtpReply?> OnConnectAsync(SmtpPeer peer, CancellationToken cancellationToken)
    {
        var welcome = limits.TryConnect(peer.RemoteEndPoint.Address);
        if (!welcome)
        {
            metrics.Refused(Refusal.ConnectionLimit);
        }

        return ValueTask.FromResult(welcome ? null : _tooManyConnections);
    }

    public void OnDisconnect(SmtpPeer peer) => limits.Disconnect(peer.RemoteEndPoint.Address);

    public ValueTask<SmtpReply?> OnAuthenticateAsync(SmtpPeer peer, string userName, CancellationToken cancellationToken) =>
        ValueTask.FromResult(signInLimits.MayTry(peer.RemoteEndPoint.Address, userName) ? null : Replies.TooManySignIns);

    public ValueTask OnAuthenticatedAsync(SmtpPeer peer, string userName, bool succeeded, CancellationToken cancellationToken)
    {
        if (!succeeded)
        {
            signInLimits.Failed(peer.RemoteEndPoint.Address, userName);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<SmtpReply> OnMailAsync(SmtpTransaction transaction, CancellationToken cancellationToken)
    {
        if (!limits.TryMessage(transaction.Peer.RemoteEndPoint.Address))
        {
            metrics.Refused(Refusal.MessageRate);
            return ValueTask.FromResult(Replies.TooManyMessages);
        }

        return SubmissionPolicy.SubmitterOf(transaction.Peer) is { } submitter
            ? RuledAsync(transaction, null, submitter, submission.SenderAsync(transaction, submitter, cancellationToken))
            : ValueTask.FromResult(Replies.SenderOk);
    }

    public ValueTask<SmtpReply> OnRecipientAsync(SmtpTransaction transaction, SmtpRecipient recipient, CancellationToken cancellationToken)
    {
        if (!limits.TryRecipient(transaction.Peer.RemoteEndPoint.Address))
        {
            metrics.Refused(Refusal.RecipientRate);
            return ValueTask.FromResult(Replies.TooManyRecipients);
        }

        if (SubmissionPolicy.SubmitterOf(transaction.Peer) is { } submitter)
        {
            return RuledAsync(transaction, recipient, submitter, submission.RecipientAsync(transaction, recipient, submitter, cancellationToken));
        }

        return recipients.CheckAsync(transaction, recipient, cancellationToken);
    }

    public ValueTask<DataStart> OnDataAsync(SmtpTransaction transaction, CancellationToken cancellationToken) =>
        intake.BeginAsync(transaction, cancellationToken);

    public void OnNotTaken(SmtpTransaction transaction, MessageFault fault, SmtpReply? reply)
    {
        if (reply is null)
        {
            refused.CutOff(transaction);
        }
        else
        {
            refused.Unjudged(transaction, reply, fault == MessageFault.TooLarge ? Refusal.TooLarge : Refusal.BadOctets);
        }
    }

    /// <param name="recipient">Null where it is about the sender.</param>
    private async ValueTask<SmtpReply> RuledAsync(SmtpTransaction transaction, SmtpRecipient? recipient, Submitter submitter, ValueTask<Ruling> ruling)
    {
        try
        {
            var (reply, reason) = await ruling;
            return reply.IsPositive ? reply : refused.Submission(transaction, recipient, submitter, reply, reason);
        }
        catch (StorageException failure)
        {
            return refused.Storage(transaction, failure);
        }
    }
}
