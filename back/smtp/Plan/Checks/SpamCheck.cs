using System.Globalization;
using Smtpy.Smtp.Filter;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Receive;

namespace Smtpy.Smtp.Plan.Checks;

/// <summary>
/// What the spam filter advises, in Rspamd's words. "discard" would lose the message unseen and holds it instead; "add header" and
/// "rewrite subject" let it go on with the score in its judgement.
/// </summary>
internal sealed class SpamCheck(SpamPolicy policy) : IForwardCheck
{
    public ForwardDecision? Check(ForwardCase mail) => mail.Judgement.Spam is not { } spam ? null : spam.Action switch
    {
        "reject" => ForwardDecision.For(policy.OnReject, Words(spam), Replies.Spam, Refusal.Spam),
        "soft reject" or "greylist" => ForwardDecision.Refuse($"{Words(spam)}: told to come again", Replies.SpamLater, Refusal.Spam),
        "quarantine" or "discard" => ForwardDecision.Hold($"{Words(spam)}: quarantined"),
        _ => spam.Score >= policy.HoldScore ? ForwardDecision.Hold($"{Words(spam)}: quarantined") : null,
    };

    private static string Words(SpamJudgement spam) =>
        string.Create(CultureInfo.InvariantCulture, $"the spam filter gives it {spam.Score:0.#} points");
}
