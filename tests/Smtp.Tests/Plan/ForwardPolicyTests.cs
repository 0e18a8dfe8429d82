using Smtpy.Core.Contacts;
using Smtpy.Core.Rules;
using Smtpy.Mail.Rewriting;
using Smtpy.Smtp.Filter;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Plan;
using Smtpy.Smtp.Receive;
using Xunit;

namespace Smtpy.Smtp.Tests.Plan;

/// <summary>Each rule about mail to an alias, alone and beside the others.</summary>
public sealed class ForwardPolicyTests
{
    private static readonly ForwardPolicy Policy = ForwardPolicy.Of(new SpamPolicy { HoldScore = 8 });

    [Theory]
    [InlineData("pass", "none", FailureAction.Reject, "on")]
    [InlineData("none", "none", FailureAction.Reject, "on")]
    [InlineData("temperror", "none", FailureAction.Reject, "on")]
    [InlineData("fail", "none", FailureAction.Reject, "on")] // p=none asks for nothing.
    [InlineData("fail", "quarantine", FailureAction.Mark, "on")]
    [InlineData("fail", "quarantine", FailureAction.Quarantine, "held")]
    [InlineData("fail", "quarantine", FailureAction.Reject, "550")]
    [InlineData("fail", "reject", FailureAction.Mark, "on")]
    [InlineData("fail", "reject", FailureAction.Quarantine, "held")]
    [InlineData("fail", "reject", FailureAction.Reject, "550")]
    [InlineData("permerror", "none", FailureAction.Reject, "550")] // Too many domains in From (RFC 9989 section 11.5).
    [InlineData("permerror", "none", FailureAction.Quarantine, "held")]
    public void Dmarc_decides_as_the_alias_wants(string result, string disposition, FailureAction action, string expected) =>
        Assert.Equal(expected, Fate(Judged(dmarc: (result, disposition)), Handling(dmarc: action)));

    [Theory]
    [InlineData("fail", "none", FailureAction.Reject, "550")]
    [InlineData("fail", "none", FailureAction.Quarantine, "held")]
    [InlineData("fail", "none", FailureAction.Mark, "on")]
    [InlineData("fail", "pass", FailureAction.Reject, "on")] // A signature is better than an address.
    [InlineData("fail", "temperror", FailureAction.Reject, "held")] // DNS trouble refuses nothing.
    [InlineData("softfail", "none", FailureAction.Reject, "on")]
    [InlineData("temperror", "none", FailureAction.Reject, "on")]
    [InlineData("permerror", "none", FailureAction.Reject, "on")]
    public void Spf_decides_where_dmarc_does_not_pass(string spf, string dmarc, FailureAction action, string expected) =>
        Assert.Equal(expected, Fate(Judged(spf, (dmarc, "none")), Handling(spf: action)));

    [Fact]
    public void A_trusted_sealers_word_stands_for_a_pass()
    {
        var judged = Judged("fail", ("fail", "reject")) with { Arc = new ArcJudgement("pass", 1, "google.com") { Voucher = "google.com" } };
        Assert.Equal("on", Fate(judged, Handling(FailureAction.Reject, FailureAction.Reject)));
        Assert.Equal("550", Fate(judged with { Arc = new ArcJudgement("pass", 1, "google.com") }, Handling(FailureAction.Reject)));
    }

    [Theory]
    [InlineData("reject", 20, "550")]
    [InlineData("soft reject", 5, "451")]
    [InlineData("greylist", 5, "451")]
    [InlineData("add header", 7.9, "on")]
    [InlineData("add header", 8, "held")]
    [InlineData("rewrite subject", 7, "on")]
    [InlineData("no action", 1, "on")]
    [InlineData("quarantine", 7, "held")]
    [InlineData("discard", 7, "held")] // Nothing disappears.
    [InlineData("a word of next year's", 1, "on")]
    public void The_spam_filters_advice_is_followed(string action, double score, string expected) =>
        Assert.Equal(expected, Fate(Judged() with { Spam = new SpamJudgement(score, 15, action) }, Handling()));

    [Fact]
    public void What_the_filter_rejects_can_be_held_instead()
    {
        var policy = ForwardPolicy.Of(new SpamPolicy { OnReject = FailureAction.Quarantine });
        var judged = Judged() with { Spam = new SpamJudgement(20, 15, "reject") };
        Assert.Equal("held", Fate(policy.Decide(new ForwardCase(judged, Handling(), Stranger))));
    }

    [Theory]
    [InlineData(false, true, false, "held")]
    [InlineData(true, true, false, "on")]
    [InlineData(true, false, false, "held")] // Somebody who calls himself a contact.
    [InlineData(false, true, true, "on")]
    public void An_alias_for_known_senders_holds_the_others(bool isContact, bool isProved, bool isOwner, string expected)
    {
        var sender = Stranger with { Contact = isContact ? Jane() : null, IsOwner = isOwner };
        Assert.Equal(expected, Fate(Judged() with { IsAuthenticated = isProved }, Handling() with { KnownSendersOnly = true }, sender));
    }

    [Fact]
    public void Who_is_blocked_is_refused_whatever_the_judges_say()
    {
        Assert.Equal("550", Fate(Judged("pass", ("pass", "none")), Handling(), Stranger with { Verdict = SenderVerdict.Block }));
        var blocked = Jane();
        blocked.Blocked = true;
        Assert.Equal("550", Fate(Judged("pass", ("pass", "none")), Handling(), Stranger with { Contact = blocked }));

        // The contact's own mark goes before a rule for many.
        Assert.Equal("550", Fate(Judged(), Handling(), Stranger with { Contact = blocked, Verdict = SenderVerdict.LetThrough }));
    }

    [Fact]
    public void Who_is_let_through_passes_every_check()
    {
        var judged = Judged("fail", ("fail", "reject")) with { Spam = new SpamJudgement(99, 15, "reject") };
        var handling = Handling(FailureAction.Reject, FailureAction.Reject) with { KnownSendersOnly = true };
        Assert.Equal("550", Fate(judged, handling));
        Assert.Equal("on", Fate(judged, handling, Stranger with { Verdict = SenderVerdict.LetThrough }));
    }

    [Fact]
    public void A_refusal_by_a_later_check_goes_before_holding_by_an_earlier_one()
    {
        var judged = Judged(dmarc: ("fail", "reject")) with { Spam = new SpamJudgement(20, 15, "reject") };
        var decision = Policy.Decide(new ForwardCase(judged, Handling(FailureAction.Quarantine), Stranger))!;
        Assert.Equal(Refusal.Spam, decision.Refusal);
        Assert.Equal("550 5.7.1 This message looks like spam", decision.Reply!.ToString());
    }

    [Theory]
    [InlineData(FailureAction.Reject, "550")]
    [InlineData(FailureAction.Quarantine, "held")]
    [InlineData(FailureAction.Mark, "on")]
    public void A_From_that_nobody_can_check_is_treated_as_a_forged_one(FailureAction action, string expected) =>
        Assert.Equal(expected, Fate(Judged(dmarc: ("none", "none")) with { HasSoundAuthor = false }, Handling(action)));

    [Fact]
    public void Mail_that_nobody_judged_goes_on() =>
        Assert.Equal("on", Fate(Judgement.None, Handling(FailureAction.Reject, FailureAction.Reject)));

    [Fact]
    public void Postmaster_and_abuse_get_what_the_judges_would_refuse_or_hold()
    {
        var refusing = Handling(FailureAction.Reject, FailureAction.Reject) with { KnownSendersOnly = true };
        var holding = Handling(FailureAction.Quarantine, FailureAction.Quarantine) with { KnownSendersOnly = true };
        foreach (var action in new[] { "reject", "soft reject", "greylist", "quarantine", "discard" })
        {
            var judged = Judged("fail", ("fail", "reject")) with { Spam = new SpamJudgement(99, 15, action), HasSoundAuthor = false };
            Assert.NotEqual("on", Fate(judged, refusing));
            Assert.Equal(["on", "on"], [AtRole(judged, refusing, Stranger), AtRole(judged, holding, Stranger)]);
        }
    }

    [Fact]
    public void Who_is_blocked_is_held_at_postmaster_and_abuse_and_not_refused()
    {
        var blocked = Jane();
        blocked.Blocked = true;
        Assert.Equal("held", AtRole(Judged(), Handling(), Stranger with { Verdict = SenderVerdict.Block }));
        Assert.Equal("held", AtRole(Judged(), Handling(), Stranger with { Contact = blocked }));
        Assert.Equal("on", AtRole(Judged(), Handling(), Stranger with { Verdict = SenderVerdict.LetThrough }));
    }

    private static string AtRole(Judgement judgement, AliasHandling handling, SenderStanding sender) =>
        Fate(Policy.Decide(new ForwardCase(judgement, handling, sender) { IsRole = true }));

    [Fact]
    public void The_owner_reads_why_it_is_held() => Assert.Equal(
        "DMARC of shop.example fails: quarantined",
        Policy.Decide(new ForwardCase(Judged(dmarc: ("fail", "reject")), Handling(FailureAction.Quarantine), Stranger))!.Reason);

    [Fact]
    public void The_domains_explanation_is_on_a_line_of_its_own()
    {
        var judged = Judged() with { Spf = new SpfJudgement("fail", "shop.example", "Ask the postmaster.") };
        var decision = Policy.Decide(new ForwardCase(judged, Handling(spf: FailureAction.Reject), Stranger) { Client = "192.0.2.7" })!;
        Assert.Equal(
            "550 5.7.23 SPF of shop.example does not allow mail from 192.0.2.7. The domain explains:\nAsk the postmaster.",
            decision.Reply!.ToString());
    }

    private static SenderStanding Stranger => new("jane@shop.example", null, null, IsOwner: false);

    private static string Fate(Judgement judgement, AliasHandling handling, SenderStanding? sender = null) =>
        Fate(Policy.Decide(new ForwardCase(judgement, handling, sender ?? Stranger)));

    private static string Fate(ForwardDecision? decision) =>
        decision is null ? "on" : decision.Reply is { } reply ? reply.Code.ToString(System.Globalization.CultureInfo.InvariantCulture) : "held";

    private static Judgement Judged(string spf = "none", (string Result, string Disposition)? dmarc = null) => new()
    {
        Spf = new SpfJudgement(spf, "shop.example", null),
        Dmarc = dmarc is var (result, disposition) ? new DmarcJudgement(result, disposition, disposition, "shop.example") : null,
        From = "jane@shop.example",
    };

    private static AliasHandling Handling(FailureAction dmarc = FailureAction.Mark, FailureAction spf = FailureAction.Mark) => new(
        "alias.test", IsDomainReadyToSend: true, null, ForwardingMode.Private, DisplayNameFormat.NameAndDomain, dmarc, spf,
        UnsubscribeChoice.Keep, KnownSendersOnly: false, null, BannerPlace.Off, CleanReplies: true);

    private static Contact Jane() => new()
    {
        AliasAddress = "shop@alias.test",
        Address = "jane@shop.example",
        ReverseAddress = "x@alias.test",
        CreatedAt = DateTimeOffset.UnixEpoch,
    };
}
