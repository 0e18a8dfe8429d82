using FsCheck;
using FsCheck.Fluent;
using Smtpy.Mail.Spf;
using Smtpy.Mail.Tests.Dns;
using Xunit;

namespace Smtpy.Mail.Tests.Spf;

/// <summary>Which records are used, and what their syntax may be (RFC 7208 sections 4.5, 4.6, 5, 6, 7.1 and 12).</summary>
public sealed class SpfRecordTests
{
    private static readonly Gen<string> RecordLike = Gen.Elements(
        " ", " ", "all", "-", "~", "?", "+", "a", "mx", "ptr", "ip4:", "ip6:", "include:", "exists:", "redirect=", "exp=", "x=", "192.0.2.1",
        "2001:db8::", "/", "//", "24", "0", "%", "%{", "}", "d", "l", "i", "p", "r", "2", "t.example", ".", "-", ":", "=", "\u00e9", "\t", "\0", "%_")
        .ListOf().Select(words => "v=spf1" + string.Concat(words));

    [Theory]
    [InlineData("v=spf1", SpfResult.Neutral)]
    [InlineData("v=spf1 -all", SpfResult.Fail)]
    [InlineData("V=SPF1 -ALL", SpfResult.Fail)]
    [InlineData("v=spf1  -all  ", SpfResult.Fail)]
    [InlineData("v=spf10 -all", SpfResult.None)]
    [InlineData("v=spf1\t-all", SpfResult.None)]
    [InlineData(" v=spf1 -all", SpfResult.None)]
    [InlineData("v=spf2.0/pra -all", SpfResult.None)]
    [InlineData("v=spf1 +all", SpfResult.Pass)]
    [InlineData("v=spf1 ?all", SpfResult.Neutral)]
    [InlineData("v=spf1 ~all", SpfResult.SoftFail)]
    public async Task A_record_begins_with_its_version_and_a_space(string record, SpfResult result) =>
        Assert.Equal(result, (await SpfFixture.CheckRecordAsync(record)).Result);

    [Fact]
    public async Task Several_records_are_an_error_and_other_TXT_records_are_none_of_SPFs_business()
    {
        var several = await SpfFixture.CheckRecordAsync("v=spf1 -all", "s.example TXT v=spf1 +all");
        Assert.Equal(SpfResult.PermError, several.Result);
        Assert.Contains("several", several.Problem, StringComparison.Ordinal);
        Assert.Equal(SpfResult.Fail, (await SpfFixture.CheckRecordAsync("v=spf1 -all", "s.example TXT \u00e9\u0096")).Result);
    }

    [Theory]
    [InlineData("all:x.example")]
    [InlineData("all/8")]
    [InlineData("all.")]
    [InlineData("-")]
    [InlineData("--all")]
    [InlineData("nonsense")]
    [InlineData("include")]
    [InlineData("include:")]
    [InlineData("include:x.example/24")]
    [InlineData("exists")]
    [InlineData("exists:x.example/24")]
    [InlineData("ptr/24")]
    [InlineData("ptr:")]
    [InlineData("a:")]
    [InlineData("a:example")]
    [InlineData("a:example.")]
    [InlineData("a:192.0.2.1")]
    [InlineData("a:x.e--")]
    [InlineData("a:x.-e")]
    [InlineData("a:x.example/33")]
    [InlineData("a:x.example/")]
    [InlineData("a:x.example//129")]
    [InlineData("a/24//")]
    [InlineData("a/024")]
    [InlineData("a///24")]
    [InlineData("mx/-1")]
    [InlineData("ip4")]
    [InlineData("ip4:")]
    [InlineData("ip4:192.0.2")]
    [InlineData("ip4:192.0.2.1.4")]
    [InlineData("ip4:192.0.2.256")]
    [InlineData("ip4:192.0.2.01")]
    [InlineData("ip4:0xC0.0.2.1")]
    [InlineData("ip4:192.0.2.1:25")]
    [InlineData("ip4:192.0.2.0/33")]
    [InlineData("ip4:192.0.2.0/08")]
    [InlineData("ip4:2001:db8::1")]
    [InlineData("ip6")]
    [InlineData("ip6::cafe::1")]
    [InlineData("ip6:192.0.2.1")]
    [InlineData("ip6:2001:db8::/129")]
    [InlineData("ip6:fe80::1%eth0")]
    [InlineData("ip6:[2001:db8::1]")]
    [InlineData("redirect=")]
    [InlineData("redirect=x.example/24")]
    [InlineData("redirect=x.example redirect=y.example")]
    [InlineData("exp=")]
    [InlineData("exp=x.example exp=x.example")]
    [InlineData("exists:%{x}.example")]
    [InlineData("exists:%{}.example")]
    [InlineData("exists:%{d0}.example")]
    [InlineData("exists:%{d-r}.example")]
    [InlineData("exists:%{d.example")]
    [InlineData("exists:%d.example")]
    [InlineData("exists:%{c}.example")]
    [InlineData("exists:%{r}.example")]
    [InlineData("exists:%{t}.example")]
    [InlineData("exists:x.example%")]
    [InlineData("exists:x.example%%.1")]
    [InlineData("unknown=%{")]
    [InlineData("1unknown=x")]
    [InlineData("a:\u00e9.example")]
    [InlineData("a\u0000")]
    [InlineData("ip4:192.0.2.1\n")]
    public async Task A_syntax_error_anywhere_is_an_error_even_past_a_match(string term)
    {
        var outcome = await SpfFixture.CheckRecordAsync($"v=spf1 ip4:192.0.2.1 {term}");
        Assert.Equal(SpfResult.PermError, outcome.Result);
        Assert.False(outcome.Problem.AsSpan().ContainsAnyExceptInRange(' ', '~'));
    }

    [Theory]
    [InlineData("moo.cow-far_out=man:dog/cat")]
    [InlineData("unknown=%{d}%%%_%-")]
    [InlineData("unknown=")]
    [InlineData("default=pass")]
    [InlineData("exp=x.example")]
    [InlineData("redirect=x.example.")]
    [InlineData("a:foo:bar/baz.example")]
    [InlineData("a:x.example/0//0")]
    [InlineData("a//64")]
    [InlineData("mx:%{d2}/24//64")]
    [InlineData("exists:%{l1r+-}._x.%{d}")]
    [InlineData("exists:%%")]
    [InlineData("a:x.xn--p1ai")]
    [InlineData("a:x.1e")]
    [InlineData("ip6:::1")]
    [InlineData("ip6:::ffff:192.0.2.9/96")]
    [InlineData("PTR")]
    [InlineData("iP4:192.0.2.9")]
    public async Task What_the_grammar_allows_is_no_error(string term) =>
        Assert.Equal(SpfResult.Pass, (await SpfFixture.CheckRecordAsync($"v=spf1 ip4:192.0.2.1 {term}")).Result);

    [Fact]
    public void No_record_breaks_the_check() =>
        Prop.ForAll(RecordLike.ToArbitrary(), record =>
        {
            var zone = new MemoryZone("s.example TXT " + record, "t.example TXT " + record, "t.example A 192.0.2.1", "192.0.2.1 PTR t.example");
            var check = SpfFixture.CheckAsync(zone);
            Assert.True(check.IsCompletedSuccessfully);
            Assert.True(zone.Questions.Count < 300);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void No_sender_breaks_the_check() =>
        Prop.ForAll<string?, string?>((from, helo) =>
        {
            var zone = new MemoryZone("s.example TXT v=spf1 exists:%{l1r-}.%{H}.%{o}.example -all exp=%{s}.example");
            Assert.True(SpfFixture.CheckAsync(zone, from: from ?? "", helo: helo ?? "").IsCompletedSuccessfully);
            Assert.True(SpfFixture.CheckAsync(zone, from: from + "@s.example", helo: helo ?? "").IsCompletedSuccessfully);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
}
