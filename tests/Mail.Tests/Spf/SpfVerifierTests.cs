using Smtpy.Mail.Spf;
using Smtpy.Mail.Tests.Dns;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;

namespace Smtpy.Mail.Tests.Spf;

/// <summary>check_host (RFC 7208 sections 2.4, 4 and 5), and its limits (section 4.6.4).</summary>
public sealed class SpfVerifierTests
{
    [Theory]
    [InlineData("jane@s.example", "mx.s.example", SpfResult.Fail, "s.example")]
    [InlineData("", "s.example", SpfResult.Fail, "s.example")]
    [InlineData("", "S.Example.", SpfResult.Fail, "S.Example")]
    [InlineData("@s.example", "x", SpfResult.Fail, "s.example")]
    [InlineData("\"a@b\"@s.example", "x", SpfResult.Fail, "s.example")]
    [InlineData("jane@b\u00fccher.example", "x", SpfResult.Fail, "xn--bcher-kva.example")]
    [InlineData("", "localhost", SpfResult.None, "localhost")]
    [InlineData("", "[192.0.2.1]", SpfResult.None, "[192.0.2.1]")]
    [InlineData("jane@[IPv6:2001:db8::1]", "x", SpfResult.None, "[IPv6:2001:db8::1]")]
    [InlineData("jane@a..example", "x", SpfResult.None, "a..example")]
    [InlineData("jane@a123456789012345678901234567890123456789012345678901234567890123.example", "x", SpfResult.None, null)]
    [InlineData("jane@nothing.example", "x", SpfResult.None, "nothing.example")]
    [InlineData("jane@broken.example", "x", SpfResult.TempError, "broken.example")]
    public async Task The_identity_is_MAIL_FROM_or_HELO_where_that_is_null(string from, string helo, SpfResult result, string? domain)
    {
        var zone = new MemoryZone("s.example TXT v=spf1 -all", "xn--bcher-kva.example TXT v=spf1 -all", "broken.example FAIL", "localhost TXT v=spf1 +all");
        var outcome = await SpfFixture.CheckAsync(zone, from: from, helo: helo);
        Assert.Equal(result, outcome.Result);
        Assert.Equal(domain ?? outcome.Domain, outcome.Domain);
        Assert.Equal(result == SpfResult.Fail ? "" : "problem", outcome.Problem.Length == 0 ? "" : "problem");
    }

    [Theory]
    [InlineData("ip4:192.0.2.1", "192.0.2.1", true)]
    [InlineData("ip4:192.0.2.2", "192.0.2.1", false)]
    [InlineData("ip4:192.0.2.200/24", "192.0.2.1", true)]
    [InlineData("ip4:192.0.3.0/23", "192.0.2.1", true)]
    [InlineData("ip4:192.0.4.0/23", "192.0.2.1", false)]
    [InlineData("ip4:1.1.1.1/0", "192.0.2.1", true)]
    [InlineData("ip4:192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("ip6:::ffff:192.0.2.1", "192.0.2.1", false)]
    [InlineData("ip6:2001:db8::/33", "2001:db8:7fff::1", true)]
    [InlineData("ip6:2001:db8::/33", "2001:db8:8000::1", false)]
    [InlineData("ip4:0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("a", "192.0.2.7", true)]
    [InlineData("a/29", "192.0.2.1", true)]
    [InlineData("a", "192.0.2.1", false)]
    [InlineData("a:host.example", "192.0.2.9", true)]
    [InlineData("a//64", "2001:db8::abcd", true)]
    [InlineData("a", "2001:db8::abcd", false)]
    [InlineData("mx", "192.0.2.9", true)]
    [InlineData("mx:host.example", "192.0.2.9", false)]
    [InlineData("mx/24", "192.0.2.1", true)]
    [InlineData("exists:host.example", "192.0.2.1", true)]
    [InlineData("exists:host.example", "2001:db8::1", true)]
    [InlineData("exists:six.example", "2001:db8::1", false)]
    [InlineData("ptr", "192.0.2.30", true)]
    [InlineData("ptr:other.example", "192.0.2.30", false)]
    [InlineData("ptr", "192.0.2.31", false)]
    [InlineData("ptr", "192.0.2.32", false)]
    public async Task Mechanisms_match_as_the_RFC_says(string mechanism, string client, bool matches)
    {
        const string Zone = "s.example A 192.0.2.7; s.example AAAA 2001:db8::1; s.example MX host.example; host.example A 192.0.2.9; "
            + "six.example AAAA 2001:db8::2; 192.0.2.30 PTR forged.s.example; 192.0.2.30 PTR mail.S.example; mail.s.example A 192.0.2.30; "
            + "192.0.2.31 PTR mail.s.example; 192.0.2.32 PTR mails.example; mails.example A 192.0.2.32";
        var outcome = await SpfFixture.CheckRecordAsync($"v=spf1 {mechanism} ~all", Zone, client);
        Assert.Equal((matches ? SpfResult.Pass : SpfResult.SoftFail, matches ? mechanism : "~all"), (outcome.Result, outcome.Mechanism));
    }

    [Theory]
    [InlineData("v=spf1 +all", SpfResult.Pass)]
    [InlineData("v=spf1 -all", SpfResult.SoftFail)]
    [InlineData("v=spf1 ~all", SpfResult.SoftFail)]
    [InlineData("v=spf1 ?all", SpfResult.SoftFail)]
    [InlineData("v=spf1", SpfResult.SoftFail)]
    [InlineData("v=spf1 nonsense", SpfResult.PermError)]
    [InlineData("other", SpfResult.PermError)]
    [InlineData(null, SpfResult.TempError)]
    public async Task An_include_only_matches_when_its_check_passes(string? record, SpfResult result)
    {
        var zone = record is null ? "i.example FAIL" : "i.example TXT " + record;
        Assert.Equal(result, (await SpfFixture.CheckRecordAsync("v=spf1 include:i.example ~all", zone)).Result);
    }

    [Theory]
    [InlineData("v=spf1 -all", SpfResult.Fail)]
    [InlineData("v=spf1", SpfResult.Neutral)]
    [InlineData("other", SpfResult.PermError)]
    public async Task A_redirect_is_taken_where_nothing_matched(string record, SpfResult result)
    {
        Assert.Equal(result, (await SpfFixture.CheckRecordAsync("v=spf1 redirect=r.example", "r.example TXT " + record)).Result);
        Assert.Equal(SpfResult.Pass, (await SpfFixture.CheckRecordAsync("v=spf1 redirect=r.example +all", "r.example TXT " + record)).Result);
    }

    [Theory]
    [InlineData("a:broken.example", SpfResult.TempError)]
    [InlineData("mx:broken.example", SpfResult.TempError)]
    [InlineData("mx:half.example", SpfResult.TempError)]
    [InlineData("exists:broken.example", SpfResult.TempError)]
    [InlineData("ptr", SpfResult.Fail)]
    public async Task A_DNS_failure_is_temporary_save_for_names_of_the_client(string mechanism, SpfResult result) =>
        Assert.Equal(result, (await SpfFixture.CheckRecordAsync(
            $"v=spf1 {mechanism} -all", "broken.example FAIL; half.example MX broken.example; 192.0.2.1 FAIL")).Result);

    [Fact]
    public async Task Ten_terms_may_ask_DNS_and_an_eleventh_is_an_error()
    {
        const string Zone = "s.example A 192.0.2.9; i.example TXT v=spf1 a:s.example a:s.example; r.example TXT v=spf1 a:s.example -all";
        var ten = "v=spf1 include:i.example" + string.Concat(Enumerable.Repeat(" a", 5)) + " redirect=r.example";
        var eleven = ten.Replace(" redirect", " a redirect", StringComparison.Ordinal);
        Assert.Equal(SpfResult.Fail, (await SpfFixture.CheckRecordAsync(ten, Zone)).Result);
        Assert.Equal(SpfResult.PermError, (await SpfFixture.CheckRecordAsync(eleven, Zone)).Result);
    }

    [Theory]
    [InlineData("v=spf1 include:s.example")]
    [InlineData("v=spf1 redirect=s.example")]
    public async Task A_record_that_leads_to_itself_ends_in_an_error(string record)
    {
        var zone = SpfFixture.Zone(record);
        Assert.Equal(SpfResult.PermError, (await SpfFixture.CheckAsync(zone)).Result);
        Assert.Equal(11, zone.Questions.Count);
    }

    [Fact]
    public async Task Two_lookups_may_find_nothing_and_a_third_is_an_error()
    {
        const string Zone = "empty.example TXT x; hosts.example MX one.example; hosts.example MX two.example; hosts.example MX three.example";
        Assert.Equal(SpfResult.Fail, (await SpfFixture.CheckRecordAsync("v=spf1 a:no.example mx:empty.example -all", Zone)).Result);
        Assert.Equal(SpfResult.PermError, (await SpfFixture.CheckRecordAsync("v=spf1 a:no.example mx:empty.example exists:no.example -all", Zone)).Result);
        Assert.Equal(SpfResult.Fail, (await SpfFixture.CheckRecordAsync("v=spf1 mx:hosts.example -all", Zone)).Result);
    }

    [Fact]
    public async Task More_than_ten_MX_hosts_are_an_error_and_more_than_ten_names_of_the_client_are_ignored()
    {
        var hosts = string.Join("; ", Enumerable.Range(0, 11).Select(i => $"m.example MX h{i}.example; h{i}.example A 192.0.2.1"));
        Assert.Equal(SpfResult.PermError, (await SpfFixture.CheckRecordAsync("v=spf1 mx:m.example -all", hosts)).Result);
        var names = string.Join("; ", Enumerable.Range(0, 11).Select(i => $"192.0.2.1 PTR h{i}.example; h{i}.example A 192.0.2.1"));
        Assert.Equal(SpfResult.Pass, (await SpfFixture.CheckRecordAsync("v=spf1 ptr:h9.example -all", names)).Result);
        Assert.Equal(SpfResult.Fail, (await SpfFixture.CheckRecordAsync("v=spf1 ptr:h10.example -all", names)).Result);
    }

    [Fact]
    public async Task A_check_that_takes_too_long_is_a_temporary_error_and_a_sender_who_left_ends_it()
    {
        var time = new ManualTime();
        var verifier = new SpfVerifier(new MemoryZone("s.example HANG"), new SpfOptions(), time);
        var request = new SpfRequest(System.Net.IPAddress.Loopback, "x", "jane@s.example");
        var check = verifier.CheckAsync(request, TestContext.Current.CancellationToken).AsTask();
        time.Advance(TimeSpan.FromSeconds(19));
        Assert.False(check.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(SpfResult.TempError, (await check).Result);

        using var stop = new CancellationTokenSource();
        var left = verifier.CheckAsync(request, stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
    }

    [Fact]
    public async Task An_explanation_that_does_not_come_does_not_change_the_result()
    {
        var time = new ManualTime();
        var verifier = new SpfVerifier(new MemoryZone("s.example TXT v=spf1 -all exp=e.example", "e.example HANG"), new SpfOptions(), time);
        var check = verifier.CheckAsync(
            new SpfRequest(System.Net.IPAddress.Loopback, "x", "jane@s.example"), TestContext.Current.CancellationToken).AsTask();
        time.Advance(TimeSpan.FromSeconds(21));
        var outcome = await check;
        Assert.Equal((SpfResult.Fail, null), (outcome.Result, outcome.Explanation));
    }
}
