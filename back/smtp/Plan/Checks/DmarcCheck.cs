using Smtpy.Smtp.Receive;

namespace Smtpy.Smtp.Plan.Checks;

/// <summary>
/// DMARC fails and the sender's domain asks for something to be done about it, or From is made so that nothing can be said (too many
/// domains, or something that is no address: mail clients show it, and whose it is nobody can tell). "p=none" asks for nothing, and what
/// DNS left open is no failure. A trusted sealer's word counts as a pass.
/// </summary>
internal sealed class DmarcCheck : IForwardCheck
{
    public ForwardDecision? Check(ForwardCase mail)
    {
        if (mail.Judgement.Dmarc is not null && !mail.Judgement.HasSoundAuthor)
        {
            return ForwardDecision.For(mail.Handling.OnDmarcFail, "From names nobody that could be checked", Replies.UnreadableAuthor, Refusal.Dmarc);
        }

        if (mail.Judgement.Dmarc is not { } dmarc || mail.Judgement.Arc?.Voucher is not null)
        {
            return null;
        }

        if (dmarc.Result == "permerror")
        {
            return ForwardDecision.For(mail.Handling.OnDmarcFail, "From names too many domains", Replies.TooManyAuthors, Refusal.Dmarc);
        }

        return dmarc is { Result: "fail", Disposition: "quarantine" or "reject" }
            ? ForwardDecision.For(mail.Handling.OnDmarcFail, $"DMARC of {dmarc.Domain} fails", Replies.DmarcFails(dmarc), Refusal.Dmarc)
            : null;
    }
}
