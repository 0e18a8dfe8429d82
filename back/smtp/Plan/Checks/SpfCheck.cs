using Smtpy.Core.Rules;
using Smtpy.Smtp.Receive;

namespace Smtpy.Smtp.Plan.Checks;

/// <summary>
/// SPF says "fail" and DMARC does not say that the message is all right (RFC 9989 section 9.1: not before DMARC is known). While DMARC
/// is in doubt because of DNS it is not refused, so that DNS trouble loses nothing.
/// </summary>
internal sealed class SpfCheck : IForwardCheck
{
    public ForwardDecision? Check(ForwardCase mail)
    {
        if (mail.Judgement.Spf is not { Result: "fail" } spf || mail.Judgement.Dmarc?.Result == "pass" || mail.Judgement.Arc?.Voucher is not null)
        {
            return null;
        }

        var action = mail.Handling.OnSpfFail;
        if (action is FailureAction.Reject && mail.Judgement.Dmarc?.Result == "temperror")
        {
            action = FailureAction.Quarantine;
        }

        return ForwardDecision.For(action, $"SPF of {spf.Domain} fails", Replies.SpfFails(spf, mail.Client), Refusal.Spf);
    }
}
