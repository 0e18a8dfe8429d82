using Smtpy.Mail.Spf;
using Smtpy.Mail.Tests.Dns;
using Xunit;

namespace Smtpy.Mail.Tests.Spf;

/// <summary>Macros and explanations (RFC 7208 sections 6.2 and 7).</summary>
public sealed class SpfMacroTests
{
    private const string Reversed = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2";

    [Theory]
    [InlineData("%{s}", "strong-bad@mail.s.example")]
    [InlineData("%{o}", "mail.s.example")]
    [InlineData("%{d}", "mail.s.example")]
    [InlineData("%{d3}", "mail.s.example")]
    [InlineData("%{d2}", "s.example")]
    [InlineData("%{d1}", "example")]
    [InlineData("%{d99999999999}", "mail.s.example")]
    [InlineData("%{dr}", "example.s.mail")]
    [InlineData("%{d2r}", "s.mail")]
    [InlineData("%{D2R}", "s.mail")]
    [InlineData("%{l}", "strong-bad")]
    [InlineData("%{l-}", "strong.bad")]
    [InlineData("%{lr-}", "bad.strong")]
    [InlineData("%{l1r-}", "strong")]
    [InlineData("%{i}", "192.0.2.1")]
    [InlineData("%{ir}.%{v}", "1.2.0.192.in-addr")]
    [InlineData("%{h}", "mx.helo.example")]
    [InlineData("%{p}", "unknown")]
    [InlineData("%{c} %{t}", "192.0.2.1 1767225600")]
    [InlineData("%{r}", "here.example")]
    [InlineData("%{S}", "strong-bad%40mail.s.example")]
    [InlineData("100%% %_%-", "100%  %20")]
    [InlineData("a  b", "a  b")]
    public async Task Macros_have_the_values_of_section_7(string text, string expected) =>
        Assert.Equal(expected, await ExplainAsync(text));

    [Fact]
    public async Task An_IPv6_address_is_taken_apart_into_its_digits_and_shown_as_people_write_it() =>
        Assert.Equal($"{Reversed}.ip6 2001:db8::1", await ExplainAsync("%{ir}.%{v} %{c}", "2001:db8::1"));

    [Theory]
    [InlineData("192.0.2.1 PTR other.example; other.example A 192.0.2.1", "other.example")]
    [InlineData("192.0.2.1 PTR other.example; other.example A 192.0.2.1; 192.0.2.1 PTR x.mail.s.example; x.mail.s.example A 192.0.2.1", "x.mail.s.example")]
    [InlineData("192.0.2.1 PTR x.mail.s.example; x.mail.s.example A 192.0.2.1; 192.0.2.1 PTR mail.s.example; mail.s.example A 192.0.2.1", "mail.s.example")]
    [InlineData("192.0.2.1 PTR other.example; other.example A 192.0.2.9", "unknown")]
    [InlineData("192.0.2.1 FAIL", "unknown")]
    public async Task The_macro_p_is_a_confirmed_name_rather_of_the_domain_itself(string zone, string expected) =>
        Assert.Equal(expected, await ExplainAsync("%{p}", zone: zone));

    [Fact]
    public async Task Macros_make_the_names_that_are_asked_for()
    {
        var zone = SpfFixture.Zone("v=spf1 exists:%{ir}.%{l1r+}._spf.%{d} -all", "1.2.0.192.jane._spf.s.example A 127.0.0.2");
        Assert.Equal(SpfResult.Pass, (await SpfFixture.CheckAsync(zone, from: "jane+shop@s.example")).Result);
        Assert.Equal(SpfResult.Fail, (await SpfFixture.CheckAsync(zone, from: "john@s.example")).Result);
    }

    [Fact]
    public async Task Too_long_a_name_loses_labels_from_its_left()
    {
        var local = string.Join('.', Enumerable.Repeat("abcdefg", 40));
        var zone = SpfFixture.Zone("v=spf1 exists:%{l}.%{d} -all");
        await SpfFixture.CheckAsync(zone, from: local + "@s.example");
        var asked = zone.Questions[^1].Split(' ')[0];
        Assert.InRange(asked.Length, 246, 253);
        Assert.StartsWith("abcdefg.", asked, StringComparison.Ordinal);
        Assert.EndsWith(".abcdefg.s.example", asked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_term_with_a_local_part_that_is_not_ASCII_does_not_match()
    {
        var zone = SpfFixture.Zone("v=spf1 exists:%{l}.s.example -all", "j\u00fcrgen.s.example A 127.0.0.2");
        Assert.Equal(SpfResult.Fail, (await SpfFixture.CheckAsync(zone, from: "j\u00fcrgen@s.example")).Result);
    }

    [Theory]
    [InlineData("e.example TXT one; e.example TXT two")]
    [InlineData("e.example FAIL")]
    [InlineData("e.example A 192.0.2.1")]
    [InlineData("")]
    [InlineData("e.example TXT bad %{x}")]
    [InlineData("e.example TXT bad %")]
    [InlineData("e.example TXT caf\u00e9")]
    [InlineData("e.example TXT line\r\nbreak")]
    public async Task Without_a_usable_explanation_the_result_stands_alone(string zone)
    {
        var outcome = await SpfFixture.CheckRecordAsync("v=spf1 -all exp=e.example", zone);
        Assert.Equal((SpfResult.Fail, null), (outcome.Result, outcome.Explanation));
    }

    [Fact]
    public async Task A_long_explanation_and_one_that_the_sender_fills_with_controls_are_dropped()
    {
        Assert.Null((await SpfFixture.CheckRecordAsync("v=spf1 -all exp=e.example", "e.example TXT " + new string('x', 501))).Explanation);
        var zone = SpfFixture.Zone("v=spf1 -all exp=e.example", "e.example TXT %{l}");
        Assert.Null((await SpfFixture.CheckAsync(zone, from: "\"a\r\nb\"@s.example")).Explanation);
        Assert.Equal("jane", (await SpfFixture.CheckAsync(zone)).Explanation);
    }

    [Fact]
    public async Task The_explanation_is_that_of_the_record_that_decided()
    {
        const string Zone = "e.example TXT ours; f.example TXT theirs; o.example TXT v=spf1 -all exp=f.example";
        Assert.Equal("ours", (await SpfFixture.CheckRecordAsync("v=spf1 include:o.example -all exp=e.example", Zone)).Explanation);
        Assert.Equal("theirs", (await SpfFixture.CheckRecordAsync("v=spf1 exp=e.example redirect=o.example", Zone)).Explanation);
        Assert.Null((await SpfFixture.CheckRecordAsync("v=spf1 ~all exp=e.example", Zone)).Explanation);
    }

    private static async Task<string?> ExplainAsync(string text, string client = SpfFixture.Client, string zone = "")
    {
        var made = SpfFixture.Zone("v=spf1 +all", zone).Add("mail.s.example TXT v=spf1 -all exp=e.example").Add("e.example TXT " + text);
        var outcome = await SpfFixture.CheckAsync(
            made, client, "strong-bad@mail.s.example", "mx.helo.example", new SpfOptions { ReceivingHost = "here.example" });
        Assert.Equal(SpfResult.Fail, outcome.Result);
        return outcome.Explanation;
    }
}
