using System.Net;
using System.Net.Sockets;
using Smtpy.Mail.Dns;
using Smtpy.Tests.Support.Dns;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;

namespace Smtpy.Mail.Tests.Dns;

public sealed class DnsRecordResolverTests : IAsyncLifetime
{
    private readonly DnsTestServer _server = new();
    private readonly ManualTime _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private DnsRecordResolver Resolver(int cacheEntries = 100, int timeout = 60_000) => new(
        new MailResolverOptions
        {
            Server = _server.EndPoint,
            Timeout = TimeSpan.FromMilliseconds(timeout),
            Retries = 0,
            CacheEntries = cacheEntries,
        },
        _time);

    [Fact]
    public async Task The_strings_of_a_TXT_record_are_joined_and_its_octets_kept()
    {
        _server.TxtStrings("t.example", "v=spf1 ip4:", "192.0.2.5 -all").Txt("t.example", "caf\u00e9 \\ \" ; \u0001\u00ff\u0096")
            .Txt("t.example", new string('x', 600)).TxtStrings("t.example", "");
        var found = await Resolver().FindTextsAsync("t.example", Cancellation);
        Assert.Equal(DnsStatus.Found, found.Status);
        Assert.Equal(
            ["v=spf1 ip4:192.0.2.5 -all", "caf\u00e9 \\ \" ; \u0001\u00ff\u0096", new string('x', 600), ""], found.Records);
    }

    [Fact]
    public async Task A_name_without_the_record_is_told_from_a_name_that_does_not_exist()
    {
        _server.A("host.example", "192.0.2.1");
        var resolver = Resolver();
        var absentRecord = await resolver.FindTextsAsync("host.example", Cancellation);
        var absentName = await resolver.FindTextsAsync("nowhere.example", Cancellation);
        Assert.Equal((DnsStatus.Found, true), (absentRecord.Status, absentRecord.IsVoid));
        Assert.Equal((DnsStatus.NotFound, true), (absentName.Status, absentName.IsVoid));
    }

    [Fact]
    public async Task An_alias_that_leads_nowhere_exists_all_the_same()
    {
        _server.Cname("alias.example", "gone.example");
        var found = await Resolver().FindAddressesAsync("alias.example", AddressFamily.InterNetwork, Cancellation);
        Assert.Equal((DnsStatus.Found, true), (found.Status, found.IsVoid));
    }

    [Fact]
    public async Task Aliases_are_followed_and_families_kept_apart()
    {
        _server.Cname("alias.example", "host.example").A("host.example", "192.0.2.1").Aaaa("host.example", "2001:db8::1");
        var resolver = Resolver();
        Assert.Equal(
            [IPAddress.Parse("192.0.2.1")],
            (await resolver.FindAddressesAsync("alias.example", AddressFamily.InterNetwork, Cancellation)).Records);
        Assert.Equal(
            [IPAddress.Parse("2001:db8::1")],
            (await resolver.FindAddressesAsync("alias.example", AddressFamily.InterNetworkV6, Cancellation)).Records);
    }

    [Fact]
    public async Task MX_records_come_as_they_are_and_names_of_both_families_are_found()
    {
        _server.Mx("shop.example", 20, "mx.shop.example").Mx("shop.example", 0, ".")
            .Reverse("192.0.2.7", "host.example").Reverse("2001:db8::7", "six.example");
        var resolver = Resolver();
        var exchangers = await resolver.FindExchangersAsync("shop.example", Cancellation);
        Assert.Equal([new MailExchanger("mx.shop.example", 20), new MailExchanger("", 0)], exchangers.Records);
        Assert.Equal(["host.example"], (await resolver.FindNamesAsync(IPAddress.Parse("192.0.2.7"), Cancellation)).Records);
        Assert.Equal(["six.example"], (await resolver.FindNamesAsync(IPAddress.Parse("2001:db8::7"), Cancellation)).Records);
        Assert.Empty((await resolver.FindExchangersAsync("none.example", Cancellation)).Records);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public async Task A_failing_resolver_is_a_temporary_failure_and_not_remembered(int code)
    {
        _server.Code("broken.example", code).Txt("broken.example", "text");
        var resolver = Resolver();
        var failed = await resolver.FindTextsAsync("broken.example", Cancellation);
        Assert.Equal(DnsStatus.TemporaryFailure, failed.Status);
        Assert.NotEqual("", failed.Reason);
        _server.Repair("broken.example");
        Assert.Equal(["text"], (await resolver.FindTextsAsync("broken.example", Cancellation)).Records);
    }

    [Fact]
    public async Task A_silent_resolver_is_a_temporary_failure()
    {
        _server.Silent("slow.example");
        Assert.Equal(DnsStatus.TemporaryFailure, (await Resolver(timeout: 100).FindTextsAsync("slow.example", Cancellation)).Status);
    }

    [Fact]
    public async Task Who_gives_up_waiting_is_let_go()
    {
        _server.Silent("slow.example");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var asked = Resolver(timeout: 60_000).FindTextsAsync("slow.example", stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
    }

    [Fact]
    public async Task An_answer_cut_short_is_fetched_over_TCP()
    {
        _server.Txt("long.example", new string('k', 2000)).Truncated("long.example");
        Assert.Equal([new string('k', 2000)], (await Resolver().FindTextsAsync("long.example", Cancellation)).Records);
        Assert.Equal(["long.example Txt", "long.example Txt tcp"], _server.Questions);
    }

    [Fact]
    public async Task What_is_known_is_given_without_waiting_for_its_TTL()
    {
        _server.Txt("t.example", "one", ttl: 100);
        var resolver = Resolver();
        await resolver.FindTextsAsync("t.example", Cancellation);
        await resolver.FindTextsAsync("nowhere.example", Cancellation);
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.True(resolver.FindTextsAsync("T.Example", Cancellation).AsTask().IsCompletedSuccessfully);
        Assert.True(resolver.FindTextsAsync("nowhere.example", Cancellation).AsTask().IsCompletedSuccessfully);
        Assert.Equal(2, _server.Questions.Count);
        _time.Advance(TimeSpan.FromSeconds(42));
        await resolver.FindTextsAsync("t.example", Cancellation);
        await resolver.FindTextsAsync("nowhere.example", Cancellation);
        Assert.Equal(4, _server.Questions.Count);
    }

    [Fact]
    public async Task Without_a_cache_every_question_is_asked()
    {
        _server.Txt("t.example", "one");
        var resolver = Resolver(cacheEntries: 0);
        await resolver.FindTextsAsync("t.example", Cancellation);
        await resolver.FindTextsAsync("t.example", Cancellation);
        Assert.Equal(2, _server.Questions.Count);
    }

    [Theory]
    [InlineData("jane+tag=x._spf.example")]
    [InlineData("a b\"c\\d.example")]
    [InlineData("_dmarc.x_y.example")]
    [InlineData("%7e!*.example")]
    public async Task Names_that_are_no_host_names_are_asked_as_they_are(string name)
    {
        _server.A(name, "127.0.0.2");
        Assert.Single((await Resolver().FindAddressesAsync(name, AddressFamily.InterNetwork, Cancellation)).Records);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a..example")]
    [InlineData(".example")]
    [InlineData("a123456789012345678901234567890123456789012345678901234567890123.example")]
    public async Task What_is_no_name_is_not_found_and_not_asked(string name)
    {
        Assert.Equal(DnsStatus.NotFound, (await Resolver().FindTextsAsync(name, Cancellation)).Status);
        Assert.Empty(_server.Questions);
    }

    [Fact]
    public async Task A_label_that_only_looks_like_an_A_label_does_no_harm()
    {
        _server.Txt("xn--bcher-kva.example", "found");
        var resolver = Resolver();
        Assert.Equal(["found"], (await resolver.FindTextsAsync("b\u00fccher.example", Cancellation)).Records);
        Assert.Equal(["found"], (await resolver.FindTextsAsync("XN--BCHER-KVA.example", Cancellation)).Records);
        Assert.True((await resolver.FindTextsAsync("xn--\u007f\u007f--9.example", Cancellation)).IsVoid);
        Assert.True((await resolver.FindTextsAsync("\ud800.example", Cancellation)).IsVoid);
    }

    [Fact]
    public async Task For_keys_a_name_without_a_TXT_record_is_not_found()
    {
        _server.A("host.example", "192.0.2.1").Txt("key.example", "p=x").Broken("broken.example");
        var texts = new CachedTextResolver(Resolver());
        Assert.Equal(DnsStatus.NotFound, (await texts.FindTextsAsync("host.example", Cancellation)).Status);
        Assert.Equal(DnsStatus.NotFound, (await texts.FindTextsAsync("nowhere.example", Cancellation)).Status);
        Assert.Equal(DnsStatus.TemporaryFailure, (await texts.FindTextsAsync("broken.example", Cancellation)).Status);
        Assert.Equal(["p=x"], (await texts.FindTextsAsync("key.example", Cancellation)).Texts);
    }
}
