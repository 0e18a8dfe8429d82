using FsCheck;
using FsCheck.Fluent;
using Smtpy.Mail.Dmarc;
using Smtpy.Mail.Tests.Dns;
using Xunit;

namespace Smtpy.Mail.Tests.Dmarc;

/// <summary>Which records are read and how (RFC 9989 sections 4.7, 4.8 and 4.10.1).</summary>
public sealed class DmarcRecordTests
{
    private static readonly Gen<string> RecordLike = Gen.Elements(
        "v=DMARC1", "v", "=", ";", ";", " ", "\t", "p=", "sp=", "np=", "t=y", "psd=", "y", "n", "none", "reject", "rua=", "mailto:a@b.example", "!", "%",
        ",", ":", "10m", "\u00e9", "\0").ListOf().Select(string.Concat);

    [Theory]
    [InlineData("v=DMARC1; p=reject", DmarcPolicy.Reject)]
    [InlineData("v=DMARC1;p=reject;", DmarcPolicy.Reject)]
    [InlineData("V = DMARC1 ;\tp =\treject ; ", DmarcPolicy.Reject)]
    [InlineData("v=DMARC1; P=Reject", DmarcPolicy.Reject)]
    [InlineData("v=DMARC1; pct=0; rf=x; ri=-1; unknown=1; p=quarantine", DmarcPolicy.Quarantine)]
    [InlineData("v=DMARC1; junk; =; ;; p=quarantine", DmarcPolicy.Quarantine)]
    [InlineData("v=DMARC1; p=reject; adkim=x; aspf=\u00e9; t=maybe; psd=perhaps", DmarcPolicy.Reject)]
    [InlineData("v=DMARC1; p=reject; p=none", DmarcPolicy.Reject)]
    [InlineData("v=DMARC1; rua=mailto:a@b.example", DmarcPolicy.None)]
    [InlineData("v=DMARC1; p=nonsense; rua=mailto:a@b.example", DmarcPolicy.None)]
    [InlineData("v=DMARC1; p=reject; sp=nonsense; rua=nonsense, mailto:a@b.example!10m", DmarcPolicy.None)]
    [InlineData("v=DMARC1; p=reject; np=; rua=https://r.example/%20", DmarcPolicy.None)]
    [InlineData("v=DMARC1; p=nonsense", null)]
    [InlineData("v=DMARC1; p=reject; sp=nonsense", null)]
    [InlineData("v=DMARC1; p=nonsense; rua=a@b.example", null)]
    [InlineData("v=DMARC1; p=nonsense; rua=mailto:a@b.example%2", null)]
    [InlineData("v=DMARC1; p=nonsense; rua=mailto:a!b@b.example", null)]
    [InlineData("v=DMARC1; p=nonsense; rua=1mailto:a@b.example", null)]
    [InlineData("v=DMARC1", null)]
    [InlineData("v=dmarc1; p=reject", null)]
    [InlineData("v=DMARC1 p=reject", null)]
    [InlineData("v=DMARC11; p=reject", null)]
    [InlineData("v=DMARC2; p=reject", null)]
    [InlineData(" v=DMARC1; p=reject", null)]
    [InlineData("p=reject; v=DMARC1", null)]
    [InlineData("; v=DMARC1; p=reject", null)]
    [InlineData("", null)]
    public async Task Records_are_read_as_far_as_they_are_well_formed(string record, DmarcPolicy? policy)
    {
        var outcome = await DmarcFixture.EvaluateAsync(new MemoryZone("_dmarc.s.example TXT " + record), "s.example");
        Assert.Equal((policy is null ? DmarcResult.None : DmarcResult.Fail, policy), (outcome.Result, outcome.Policy));
    }

    [Fact]
    public async Task Of_several_records_none_counts_and_other_TXT_records_do_not_matter()
    {
        var zone = DmarcFixture.Zone("s.example = p=reject | s.example = p=none");
        Assert.Equal(DmarcResult.None, (await DmarcFixture.EvaluateAsync(zone, "s.example")).Result);
        zone = DmarcFixture.Zone("s.example = p=reject | _dmarc.s.example TXT v=spf1 -all");
        Assert.Equal(DmarcPolicy.Reject, (await DmarcFixture.EvaluateAsync(zone, "s.example")).Policy);
    }

    [Fact]
    public void No_record_breaks_the_evaluation() =>
        Prop.ForAll(RecordLike.ToArbitrary(), record =>
        {
            var zone = new MemoryZone("_dmarc.s.example TXT v=DMARC1;" + record, "_dmarc.example TXT " + record);
            Assert.True(DmarcFixture.EvaluateAsync(zone, "a.s.example", "s.example", "b.s.example").IsCompletedSuccessfully);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void No_domain_breaks_the_evaluation() =>
        Prop.ForAll<string?, string?>((from, other) =>
        {
            var zone = DmarcFixture.Zone("example = p=reject; np=none");
            foreach (var text in new[] { from ?? "", from + ".example" })
            {
                Assert.True(DmarcFixture.EvaluateAsync(zone, text, other ?? "", other + ".example").IsCompletedSuccessfully);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
}
