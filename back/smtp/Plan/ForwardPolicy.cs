using Smtpy.Core.Rules;
using Smtpy.Smtp.Plan.Checks;
using Smtpy.Smtp.Receive;

namespace Smtpy.Smtp.Plan;

/// <summary>
/// What is done with mail to an alias. The owner's word about the sender comes first and, where it lets them through, last; else a
/// refusal by any check goes before holding by another. At postmaster and abuse nothing is refused, and nothing but the owner's word
/// holds: what the judges found is marked (RFC 5321 section 4.5.1).
/// </summary>
public sealed class ForwardPolicy(IEnumerable<IForwardCheck> checks)
{
    private readonly IForwardCheck[] _checks = [.. checks];

    /// <summary>In order.</summary>
    public static ForwardPolicy Of(Filter.SpamPolicy spam) =>
        new([new DmarcCheck(), new SpfCheck(), new KnownSenderCheck(), new SpamCheck(spam)]);

    /// <returns>Null: it is forwarded.</returns>
    public ForwardDecision? Decide(ForwardCase mail)
    {
        ArgumentNullException.ThrowIfNull(mail);
        var sender = mail.Sender;
        if (sender.Verdict is SenderVerdict.Block || sender.Contact is { Blocked: true })
        {
            return mail.IsRole
                ? ForwardDecision.Hold($"{sender.Address} is blocked: held, since mail to postmaster and abuse is not refused")
                : ForwardDecision.Refuse($"{sender.Address} is blocked", Replies.SenderBlocked, Refusal.BlockedSender);
        }

        if (mail.IsRole || sender.Verdict is SenderVerdict.LetThrough)
        {
            return null;
        }

        ForwardDecision? hold = null;
        foreach (var check in _checks)
        {
            var decision = check.Check(mail);
            if (decision?.Reply is not null)
            {
                return decision;
            }

            hold ??= decision;
        }

        return hold;
    }
}
