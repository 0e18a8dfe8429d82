using Smtpy.Mail.Dns;
using Smtpy.Tests.Support.Dns;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;

namespace Smtpy.Mail.Tests.Dns;

public sealed class DnsMailResolverTests : IAsyncLifetime
{
    private readonly DnsTestServer _server = new();
    private readonly ManualTime _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private DnsMailResolver Resolver(int timeout = 60_000) =>
        new(new MailResolverOptions { Server = _server.EndPoint, Timeout = TimeSpan.FromMilliseconds(timeout), Retries = 0 }, _time);

    [Fact]
    public async Task MX_records_come_best_first_and_equal_ones_in_any_order()
    {
        _server.Mx("shop.example", 20, "late.shop.example");
        foreach (var host in new[] { "a", "b", "c", "d" })
        {
            _server.Mx("shop.example", 10, host + ".shop.example");
        }

        var resolver = Resolver();
        var firsts = new HashSet<string>();
        for (var i = 0; i < 200; i++)
        {
            var found = await resolver.FindExchangersAsync("shop.example", Cancellation);
            Assert.Equal(DnsStatus.Found, found.Status);
            Assert.Equal([10, 10, 10, 10, 20], found.Hosts.Select(host => host.Preference));
            Assert.Equal("late.shop.example", found.Hosts[^1].Host);
            firsts.Add(found.Hosts[0].Host);
        }

        Assert.Equal(4, firsts.Count);
        Assert.Single(_server.Questions);
    }

    [Fact]
    public async Task A_domain_without_MX_is_its_own_host()
    {
        _server.A("plain.example", "192.0.2.1");
        var found = await Resolver().FindExchangersAsync("plain.example", Cancellation);
        Assert.Equal([new MailExchanger("plain.example", 0)], found.Hosts);
    }

    [Fact]
    public async Task Null_MX_means_no_mail_unless_there_are_others()
    {
        _server.Mx("silent.example", 0, ".");
        _server.Mx("odd.example", 0, ".").Mx("odd.example", 5, "mx.odd.example");
        Assert.Equal(DnsStatus.NoMail, (await Resolver().FindExchangersAsync("silent.example", Cancellation)).Status);
        Assert.Equal([new MailExchanger("mx.odd.example", 5)], (await Resolver().FindExchangersAsync("odd.example", Cancellation)).Hosts);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public async Task A_failing_resolver_is_a_temporary_failure_and_not_remembered(int code)
    {
        _server.Code("broken.example", code);
        var resolver = Resolver();
        Assert.Equal(DnsStatus.TemporaryFailure, (await resolver.FindExchangersAsync("broken.example", Cancellation)).Status);
        Assert.Equal(DnsStatus.TemporaryFailure, (await resolver.FindAddressesAsync("broken.example", Cancellation)).Status);
        _server.Code("broken.example", 0).Mx("broken.example", 1, "mx.example").A("broken.example", "192.0.2.7");
        Assert.Equal(DnsStatus.Found, (await resolver.FindExchangersAsync("broken.example", Cancellation)).Status);
        Assert.Equal(DnsStatus.Found, (await resolver.FindAddressesAsync("broken.example", Cancellation)).Status);
    }

    [Fact]
    public async Task A_silent_resolver_is_a_temporary_failure()
    {
        _server.Silent("slow.example");
        var found = await Resolver(timeout: 100).FindExchangersAsync("slow.example", Cancellation);
        Assert.Equal(DnsStatus.TemporaryFailure, found.Status);
        Assert.NotEqual("", found.Reason);
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_believed_as_long_as_its_SOA_says()
    {
        _server.NegativeTtl = 60;
        var resolver = Resolver();
        Assert.Equal(DnsStatus.NotFound, (await resolver.FindExchangersAsync("new.example", Cancellation)).Status);
        _server.Mx("new.example", 1, "mx.new.example");
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(DnsStatus.NotFound, (await resolver.FindExchangersAsync("new.example", Cancellation)).Status);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(DnsStatus.Found, (await resolver.FindExchangersAsync("new.example", Cancellation)).Status);
        Assert.Equal(2, _server.Questions.Count);
    }

    [Fact]
    public async Task Without_an_SOA_a_negative_answer_is_not_kept()
    {
        _server.NegativeTtl = null;
        var resolver = Resolver();
        Assert.Equal(DnsStatus.NotFound, (await resolver.FindExchangersAsync("new.example", Cancellation)).Status);
        _server.Mx("new.example", 1, "mx.new.example");
        Assert.Equal(DnsStatus.Found, (await resolver.FindExchangersAsync("new.example", Cancellation)).Status);
    }

    [Fact]
    public async Task A_found_answer_is_kept_for_its_TTL()
    {
        _server.A("mx.example", "192.0.2.1", ttl: 100);
        var resolver = Resolver();
        await resolver.FindAddressesAsync("mx.example", Cancellation);
        _time.Advance(TimeSpan.FromSeconds(61));
        var asked = _server.Questions.Count;
        _server.A("mx.example", "192.0.2.2", ttl: 100);

        // The AAAA answer was "none" for 60 s, so both are asked again.
        Assert.Equal(2, (await resolver.FindAddressesAsync("mx.example", Cancellation)).Addresses.Count);
        Assert.Equal(asked + 2, _server.Questions.Count);
    }

    [Fact]
    public async Task Addresses_of_both_families_are_found_IPv4_first()
    {
        _server.Aaaa("mx.example", "2001:db8::1").A("mx.example", "192.0.2.1");
        var found = await Resolver().FindAddressesAsync("mx.example", Cancellation);
        Assert.Equal(["192.0.2.1", "2001:db8::1"], found.Addresses.Select(address => address.ToString()));
    }

    [Fact]
    public async Task A_host_without_addresses_is_not_found()
    {
        _server.Mx("only-mx.example", 1, "mx.example");
        Assert.Equal(DnsStatus.NotFound, (await Resolver().FindAddressesAsync("only-mx.example", Cancellation)).Status);
        Assert.Equal(DnsStatus.NotFound, (await Resolver().FindAddressesAsync("nowhere.example", Cancellation)).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a..example")]
    [InlineData(".")]
    public async Task What_is_no_domain_name_is_not_found_and_not_asked(string name)
    {
        Assert.Equal(DnsStatus.NotFound, (await Resolver().FindExchangersAsync(name, Cancellation)).Status);
        Assert.Empty(_server.Questions);
    }

    [Fact]
    public async Task International_names_are_asked_as_A_labels()
    {
        _server.Mx("xn--bcher-kva.example", 1, "mx.example");
        Assert.Equal(DnsStatus.Found, (await Resolver().FindExchangersAsync("b\u00fccher.example", Cancellation)).Status);
    }

    [Theory]
    [InlineData("b.example", "a.example")]
    [InlineData("B.Example.", "a.example")]
    [InlineData("a.example", "")]
    [InlineData("other.example", "a.example b.example c.example d.example")]
    public void Hosts_no_better_than_ourselves_are_dropped(string own, string left)
    {
        var all = new MailExchangers(
            DnsStatus.Found, [new("a.example", 5), new("b.example", 10), new("c.example", 10), new("d.example", 20)], "");
        Assert.Equal(left, string.Join(' ', all.BetterThan(own).Select(host => host.Host)));
    }
}
