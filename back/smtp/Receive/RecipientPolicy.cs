using Smtpy.Core.Aliases;
using Smtpy.Core.Storage;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Route;

namespace Smtpy.Smtp.Receive;

/// <summary>Which recipients of mail from outside are taken: aliases, reverse addresses, our own return paths, self-tests.</summary>
public sealed class RecipientPolicy(
    IAliasDirectory directory, RecipientGate gate, ReturnPaths returnPaths, SelfTestAddresses selfTest, RefusalAnswers refused)
{
    internal ValueTask<SmtpReply> CheckAsync(SmtpTransaction transaction, SmtpRecipient recipient, CancellationToken cancellationToken)
    {
        var standing = returnPaths.Read(recipient.LocalPart, recipient.Domain).Standing;
        if (standing != ReturnPathStanding.NotOurs)
        {
            return ValueTask.FromResult(AnswerReport(transaction, recipient, standing));
        }

        if (selfTest.TryRoute(recipient.LocalPart, recipient.Domain, out var mailbox))
        {
            recipient.PolicyState = new AliasLookup(AliasOutcome.Forward, recipient.Address, null, null, [mailbox]);
            return ValueTask.FromResult(Replies.RecipientOk);
        }

        var lookup = directory.FindAsync(recipient.LocalPart, recipient.Domain, cancellationToken);
        return lookup.IsCompletedSuccessfully
            ? AnswerAsync(transaction, recipient, lookup.Result, cancellationToken)
            : AnswerLaterAsync(transaction, recipient, lookup, cancellationToken);
    }

    /// <summary>
    /// A bounce of something that left: nobody's mailbox, but never refused and never lost. From the null reverse path (RFC 5321 section
    /// 4.5.5) even when it is late; from another sender it is looked at when it is whole: some servers' reports have one.
    /// </summary>
    private SmtpReply AnswerReport(SmtpTransaction transaction, SmtpRecipient recipient, ReturnPathStanding standing)
    {
        if (standing == ReturnPathStanding.Valid || (standing == ReturnPathStanding.Expired && transaction.Sender.IsNull))
        {
            recipient.PolicyState = new AliasLookup(AliasOutcome.Hold, recipient.Address, null, null, []);
            return Replies.RecipientOk;
        }

        return refused.Recipient(transaction, recipient, Replies.NoSuchAlias, Refusal.UnknownAlias);
    }

    private async ValueTask<SmtpReply> AnswerLaterAsync(
        SmtpTransaction transaction, SmtpRecipient recipient, ValueTask<AliasLookup> lookup, CancellationToken cancellationToken)
    {
        try
        {
            return await AnswerAsync(transaction, recipient, await lookup, cancellationToken);
        }
        catch (StorageException failure)
        {
            return refused.Storage(transaction, failure);
        }
    }

    private ValueTask<SmtpReply> AnswerAsync(
        SmtpTransaction transaction, SmtpRecipient recipient, AliasLookup lookup, CancellationToken cancellationToken)
    {
        recipient.PolicyState = lookup;
        var (reply, reason) = lookup.Outcome switch
        {
            AliasOutcome.Forward or AliasOutcome.Discard or AliasOutcome.Hold or AliasOutcome.Reverse => (Replies.RecipientOk, default(Refusal)),
            AliasOutcome.Defer => (Replies.AliasDeferred, Refusal.AliasDeferred),
            AliasOutcome.ForeignDomain => (Replies.RelayingDenied, Refusal.Relaying),
            AliasOutcome.Refuse => (Replies.NoSuchAlias, Refusal.AliasDisabled),
            _ => (Replies.NoSuchAlias, Refusal.UnknownAlias),
        };
        return reply.IsPositive
            ? PassGateAsync(transaction, recipient, lookup, cancellationToken)
            : ValueTask.FromResult(refused.Recipient(transaction, recipient, reply, reason));
    }

    /// <summary>A recipient that could be taken, by its address.</summary>
    private ValueTask<SmtpReply> PassGateAsync(
        SmtpTransaction transaction, SmtpRecipient recipient, AliasLookup lookup, CancellationToken cancellationToken)
    {
        var passing = gate.CheckAsync(transaction, lookup, cancellationToken);
        return passing.IsCompletedSuccessfully
            ? ValueTask.FromResult(Passed(transaction, recipient, passing.Result))
            : WaitAsync(passing);

        async ValueTask<SmtpReply> WaitAsync(ValueTask<GateRefusal?> passing)
        {
            try
            {
                return Passed(transaction, recipient, await passing);
            }
            catch (StorageException failure)
            {
                return refused.Storage(transaction, failure);
            }
        }
    }

    private SmtpReply Passed(SmtpTransaction transaction, SmtpRecipient recipient, GateRefusal? refusal) =>
        refusal is null ? Replies.RecipientOk : refused.Recipient(transaction, recipient, refusal.Reply, refusal.Reason);
}
