using Smtpy.Mail.Dmarc;
using Smtpy.Mail.Spf;
using Smtpy.Mail.Tests.Dns;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;

namespace Smtpy.Mail.Tests.Dmarc;

/// <summary>Policy discovery, the tree walk, alignment and what follows (RFC 9989 sections 4.7, 4.10 and 5.3).</summary>
public sealed class DmarcVerifierTests
{
    [Theory]
    [InlineData("a.b.c.d.e.f.g.h.i.j.mail.s.example", "g.h.i.j.mail.s.example h.i.j.mail.s.example")]
    [InlineData("1.2.3.4.5.6.7.s.example", "3.4.5.6.7.s.example 4.5.6.7.s.example")]
    [InlineData("1.2.3.4.5.6.s.example", "2.3.4.5.6.s.example 3.4.5.6.s.example")]
    [InlineData("a.s.example", "s.example example")]
    [InlineData("example", "")]
    public async Task The_walk_asks_for_the_name_then_from_seven_labels_down_to_the_last(string from, string next)
    {
        var zone = new MemoryZone();
        Assert.Equal(DmarcResult.None, (await DmarcFixture.EvaluateAsync(zone, from)).Result);
        var asked = zone.Questions.ConvertAll(question => question["_dmarc.".Length..^" TXT".Length]);
        Assert.Equal(Math.Min(8, from.Split('.').Length), asked.Count);
        Assert.Equal(from, asked[0]);
        Assert.Equal(next, string.Join(' ', asked.Skip(1).Take(2)));
        Assert.Equal("example", asked[^1]);
    }

    [Theory]
    [InlineData("s.example = p=reject", "s.example", "s.example", DmarcPolicy.Reject)]
    [InlineData("s.example = p=reject", "a.b.s.example", "s.example", DmarcPolicy.Reject)]
    [InlineData("s.example = p=reject; sp=none", "s.example", "s.example", DmarcPolicy.Reject)]
    [InlineData("s.example = p=reject; sp=none", "a.s.example", "s.example", DmarcPolicy.None)]
    [InlineData("s.example = p=none; sp=quarantine; np=reject", "a.s.example", "s.example", DmarcPolicy.Reject)]
    [InlineData("s.example = p=none; sp=quarantine; np=reject | a.s.example MX mx.example", "a.s.example", "s.example", DmarcPolicy.Quarantine)]
    [InlineData("s.example = p=none; np=reject", "a.s.example", "s.example", DmarcPolicy.Reject)]
    [InlineData("s.example = p=none; np=reject", "s.example", "s.example", DmarcPolicy.None)]
    [InlineData("s.example = p=reject | a.s.example = p=none; sp=reject", "a.s.example", "a.s.example", DmarcPolicy.None)]
    [InlineData("s.example = p=none | b.s.example = p=reject", "a.b.s.example", "s.example", DmarcPolicy.None)]
    [InlineData("s.example = p=none | b.s.example = p=reject; psd=n", "a.b.s.example", "b.s.example", DmarcPolicy.Reject)]
    [InlineData("example = p=reject; psd=y", "a.s.example", "example", DmarcPolicy.Reject)]
    [InlineData("example = p=none; sp=none; np=reject; psd=y", "s.example", "example", DmarcPolicy.Reject)]
    [InlineData("example = p=reject; psd=y | s.example = p=quarantine", "a.s.example", "s.example", DmarcPolicy.Quarantine)]
    [InlineData("example = p=reject; psd=y | b.s.example = p=none", "a.b.s.example", "example", DmarcPolicy.Reject)]
    [InlineData("example = p=quarantine; psd=y", "example", "example", DmarcPolicy.Quarantine)]
    [InlineData("xn--bcher-kva.example = p=reject", "b\u00fccher.EXAMPLE", "xn--bcher-kva.example", DmarcPolicy.Reject)]
    public async Task The_record_that_applies_is_found(string zone, string from, string domain, DmarcPolicy policy)
    {
        var outcome = await DmarcFixture.EvaluateAsync(zone, from);
        Assert.Equal((DmarcResult.Fail, domain, policy, policy), (outcome.Result, outcome.Domain, outcome.Policy, outcome.Disposition));
    }

    [Theory]
    [InlineData("s.example = p=reject", "s.example", "s.example", true)]
    [InlineData("s.example = p=reject", "s.example", "a.s.example", true)]
    [InlineData("s.example = p=reject", "a.s.example", "S.Example", true)]
    [InlineData("s.example = p=reject", "a.s.example", "b.c.s.example", true)]
    [InlineData("s.example = p=reject", "s.example", "other.example", false)]
    [InlineData("s.example = p=reject", "s.example", "evils.example", false)]
    [InlineData("s.example = p=reject", "s.example", "not?a_name", false)]
    [InlineData("a.s.example = p=reject", "a.s.example", "s.example", false)]
    [InlineData("s.example = p=reject | b.s.example = p=none; psd=n", "s.example", "b.s.example", false)]
    [InlineData("s.example = p=reject | b.s.example = p=none; psd=y", "s.example", "a.b.s.example", false)]
    [InlineData("s.example = p=reject | b.s.example = p=none", "a.b.s.example", "c.s.example", true)]
    [InlineData("example = p=reject; psd=y", "a.s.example", "s.example", true)]
    [InlineData("example = p=reject; psd=y", "a.s.example", "t.example", false)]
    [InlineData("s.example = p=reject; adkim=s; aspf=s", "s.example", "s.example", true)]
    [InlineData("s.example = p=reject; adkim=s; aspf=s", "s.example", "a.s.example", false)]
    public async Task Domains_align_by_their_organizational_domain_or_strictly(string zone, string from, string identifier, bool aligned)
    {
        var bySpf = await DmarcFixture.EvaluateAsync(DmarcFixture.Zone(zone), from, identifier);
        var byDkim = await DmarcFixture.EvaluateAsync(DmarcFixture.Zone(zone), from, "", "unrelated.example " + identifier);
        Assert.Equal(aligned ? (DmarcResult.Pass, DmarcPolicy.None) : (DmarcResult.Fail, DmarcPolicy.Reject), (bySpf.Result, bySpf.Disposition));
        Assert.Equal(bySpf.Result, byDkim.Result);
        Assert.Equal(aligned ? (identifier, null, identifier) : (null, null, null), (bySpf.AlignedBySpf, bySpf.AlignedByDkim, byDkim.AlignedByDkim));
    }

    [Theory]
    [InlineData("adkim=s", DmarcResult.Pass, DmarcResult.Fail)]
    [InlineData("aspf=s", DmarcResult.Fail, DmarcResult.Pass)]
    public async Task Each_mechanism_has_its_own_strictness(string tag, DmarcResult bySpf, DmarcResult byDkim)
    {
        var zone = $"s.example = p=reject; {tag}";
        Assert.Equal(bySpf, (await DmarcFixture.EvaluateAsync(zone, "s.example", "a.s.example")).Result);
        Assert.Equal(byDkim, (await DmarcFixture.EvaluateAsync(zone, "s.example", "", "a.s.example")).Result);
    }

    [Theory]
    [InlineData("p=reject; t=y", DmarcPolicy.Reject, DmarcPolicy.Quarantine)]
    [InlineData("p=quarantine; t=Y", DmarcPolicy.Quarantine, DmarcPolicy.None)]
    [InlineData("p=none; t=y", DmarcPolicy.None, DmarcPolicy.None)]
    [InlineData("p=reject; t=n", DmarcPolicy.Reject, DmarcPolicy.Reject)]
    public async Task In_test_mode_the_disposition_is_one_step_milder(string tags, DmarcPolicy policy, DmarcPolicy disposition)
    {
        var outcome = await DmarcFixture.EvaluateAsync($"s.example = {tags}", "s.example");
        Assert.Equal((policy, disposition), (outcome.Policy, outcome.Disposition));
    }

    [Theory]
    [InlineData("_dmarc.s.example FAIL", "", DmarcResult.TempError)]
    [InlineData("_dmarc.example FAIL", "", DmarcResult.TempError)]
    [InlineData("s.example = p=reject | _dmarc.example FAIL", "s.example", DmarcResult.Pass)]
    [InlineData("s.example = p=reject | _dmarc.example FAIL", "a.s.example", DmarcResult.TempError)]
    [InlineData("s.example = p=reject | _dmarc.example FAIL", "other.test", DmarcResult.Fail)]
    [InlineData("s.example = p=reject | _dmarc.a.s.example FAIL", "a.s.example", DmarcResult.TempError)]
    [InlineData("s.example = p=reject; aspf=s | _dmarc.example FAIL", "a.s.example", DmarcResult.Fail)]
    public async Task What_DNS_left_open_neither_passes_nor_fails(string zone, string spf, DmarcResult result)
    {
        var outcome = await DmarcFixture.EvaluateAsync(zone, "s.example", spf);
        Assert.Equal((result, result == DmarcResult.TempError), (outcome.Result, outcome.Problem.Length > 0));
    }

    [Theory]
    [InlineData("s.example", "", DmarcResult.TempError)]
    [InlineData("other.example", "", DmarcResult.Fail)]
    [InlineData("", "a.s.example", DmarcResult.TempError)]
    [InlineData("", "other.example", DmarcResult.Fail)]
    public async Task A_check_that_ended_in_temperror_leaves_it_open_only_where_it_would_align(string spf, string dkim, DmarcResult result)
    {
        var zone = DmarcFixture.Zone("s.example = p=reject");
        Assert.Equal(result, (await DmarcFixture.EvaluateAsync(zone, "s.example", spf, "", SpfResult.TempError, dkim)).Result);
        Assert.Equal(DmarcResult.Pass, (await DmarcFixture.EvaluateAsync(zone, "s.example", spf, "s.example", SpfResult.TempError, dkim)).Result);
    }

    [Fact]
    public async Task Whether_the_author_domain_exists_only_matters_where_the_message_fails()
    {
        var zone = DmarcFixture.Zone("s.example = p=none; np=reject | a.s.example FAIL");
        Assert.Equal(DmarcResult.TempError, (await DmarcFixture.EvaluateAsync(zone, "a.s.example")).Result);
        Assert.Equal(DmarcResult.Pass, (await DmarcFixture.EvaluateAsync(zone, "a.s.example", "s.example")).Result);
    }

    [Theory]
    [InlineData("", DmarcResult.None, null)]
    [InlineData("[192.0.2.1] no_dots? a..b", DmarcResult.None, null)]
    [InlineData("mild.example strict.example none.example", DmarcResult.Fail, "strict.example")]
    [InlineData("pass.example mild.example", DmarcResult.Fail, "mild.example")]
    [InlineData("none.example pass.example PASS.example", DmarcResult.Pass, "pass.example")]
    [InlineData("broken.example pass.example", DmarcResult.TempError, "broken.example")]
    [InlineData("broken.example strict.example", DmarcResult.Fail, "strict.example")]
    [InlineData("a.test b.test c.test d.test e.test strict.example", DmarcResult.PermError, "a.test")]
    public async Task With_several_From_domains_the_strictest_outcome_stands(string from, DmarcResult result, string? author)
    {
        var zone = DmarcFixture.Zone(
            "pass.example = p=reject | mild.example = p=quarantine | strict.example = p=reject | _dmarc.broken.example FAIL");
        var outcome = await DmarcFixture.EvaluateAsync(zone, from, "pass.example");
        Assert.Equal((result, author), (outcome.Result, outcome.AuthorDomain));
    }

    [Fact]
    public async Task An_evaluation_that_takes_too_long_is_a_temporary_error()
    {
        var time = new ManualTime();
        var evaluation = new DmarcVerifier(new MemoryZone("_dmarc.s.example HANG"), new DmarcOptions(), time).EvaluateAsync(
            new DmarcRequest(["s.example"], SpfResult.None, "", [], []), TestContext.Current.CancellationToken).AsTask();
        time.Advance(TimeSpan.FromSeconds(21));
        Assert.Equal(DmarcResult.TempError, (await evaluation).Result);
    }

    [Fact]
    public async Task Many_signatures_cost_a_bounded_number_of_queries()
    {
        var zone = DmarcFixture.Zone("s.example = p=reject");
        var signers = string.Join(' ', Enumerable.Range(0, 1000).Select(i => $"x{i}.psd.s.example"));
        zone.Add("_dmarc.psd.s.example TXT v=DMARC1; p=none; psd=n");
        Assert.Equal(DmarcResult.Fail, (await DmarcFixture.EvaluateAsync(zone, "s.example", "", signers)).Result);
        Assert.InRange(zone.Questions.Count, 1, 100);
    }
}
