using Smtpy.Mail.Dns;
using Smtpy.Tests.Support.Dns;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;

namespace Smtpy.Mail.Tests.Dns;

/// <summary>RFC 7672 section 2.</summary>
public sealed class DaneResolverTests : IAsyncDisposable
{
    private readonly SignedDnsServer _dns = new();
    private readonly ManualTime _time = new();
    private readonly DaneResolver _resolver;

    public DaneResolverTests() => _resolver = new DaneResolver(new MailResolverOptions { Server = _dns.EndPoint }, _time);

    public ValueTask DisposeAsync() => _dns.DisposeAsync();

    private async Task<string> ExchangersAsync(string domain)
    {
        var found = await _resolver.FindSecureExchangersAsync(domain, TestContext.Current.CancellationToken);
        return $"{found.Status} {string.Join(',', found.Hosts)}";
    }

    private async Task<string> TlsaAsync(string host)
    {
        var found = await _resolver.FindTlsaAsync(host, 25, TestContext.Current.CancellationToken);
        return $"{found.Status} {found.BaseDomain} {string.Join(',', found.Records)}";
    }

    [Fact]
    public async Task Mail_servers_are_secure_where_the_resolver_says_so()
    {
        _dns.Exchanger("one.example", "MX.one.example").Exchanger("two.example", "mx.two.example").Insecure("two.example").Address("three.example").Broken("four.example");
        Assert.Equal("Found mx.one.example", await ExchangersAsync("One.Example"));
        Assert.Equal("NotFound ", await ExchangersAsync("two.example"));
        Assert.Equal("Found three.example", await ExchangersAsync("three.example"));
        Assert.Equal("TemporaryFailure ", await ExchangersAsync("four.example"));
    }

    [Fact]
    public async Task TLSA_records_are_found_and_kept_as_long_as_they_are_good()
    {
        _dns.Address("mx.example").Association("mx.example", 25, 3, 1, 1, [1, 2]);
        Assert.Equal("Found mx.example 3 1 1 0102", await TlsaAsync("mx.example"));
        Assert.Equal("Found mx.example 3 1 1 0102", await TlsaAsync("MX.example."));
        Assert.Single(_dns.Questions, "_25._tcp.mx.example 52");
        _time.Advance(TimeSpan.FromSeconds(257));
        await TlsaAsync("mx.example");
        Assert.Equal(2, _dns.Questions.Count(question => question == "_25._tcp.mx.example 52"));
    }

    [Fact]
    public async Task Without_records_or_without_DNSSEC_there_is_no_DANE_and_an_unsigned_zone_is_not_asked()
    {
        _dns.Address("none.example");
        _dns.Address("mx.example").Association("mx.example", 25, 3, 1, 1, [1]).Insecure("_25._tcp.mx.example");
        _dns.Address("unsigned.example").Association("unsigned.example", 25, 3, 1, 1, [1]).Insecure("unsigned.example");
        Assert.Equal("NotFound none.example ", await TlsaAsync("none.example"));
        Assert.Equal("NotFound mx.example ", await TlsaAsync("mx.example"));
        Assert.Equal("NotFound unsigned.example ", await TlsaAsync("unsigned.example"));
        Assert.DoesNotContain("_25._tcp.unsigned.example 52", _dns.Questions);
    }

    [Theory]
    [InlineData("mx.example")]
    [InlineData("_25._tcp.mx.example")]
    public async Task A_question_that_fails_is_a_failure_and_is_asked_again(string broken)
    {
        _dns.Address("mx.example").Association("mx.example", 25, 3, 1, 1, [1]).Broken(broken);
        Assert.StartsWith("TemporaryFailure", await TlsaAsync("mx.example"), StringComparison.Ordinal);
        _dns.Broken(broken, false);
        Assert.StartsWith("Found", await TlsaAsync("mx.example"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secure_alias_leads_to_the_records_of_its_end_and_else_to_its_own()
    {
        _dns.Alias("a.example", "b.example").Alias("b.example", "c.example").Address("c.example").Association("c.example", 25, 3, 1, 1, [1]);
        _dns.Alias("d.example", "e.example").Address("e.example").Association("d.example", 25, 3, 1, 1, [2]);
        _dns.Alias("f.example", "g.example").Address("g.example").Insecure("g.example").Association("f.example", 25, 3, 1, 1, [3]);
        Assert.Equal("Found c.example 3 1 1 01", await TlsaAsync("a.example"));
        Assert.Equal("Found d.example 3 1 1 02", await TlsaAsync("d.example"));
        Assert.Equal("Found f.example 3 1 1 03", await TlsaAsync("f.example"));
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.0.0.53", true)]
    [InlineData("::1", true)]
    [InlineData("127.0.0.11", false)]
    [InlineData("192.0.2.1", false)]
    [InlineData("10.0.0.1", false)]
    public async Task Only_a_resolver_on_this_machine_is_believed(string address, bool trusted)
    {
        var resolver = new DaneResolver(new MailResolverOptions { Server = new(System.Net.IPAddress.Parse(address), 53) }, _time);
        Assert.Equal(trusted, resolver.IsTrusted);
        if (!trusted)
        {
            Assert.Equal(DnsStatus.NotFound, (await resolver.FindTlsaAsync("mx.example", 25, TestContext.Current.CancellationToken)).Status);
            Assert.Equal(DnsStatus.NotFound, (await resolver.FindSecureExchangersAsync("one.example", TestContext.Current.CancellationToken)).Status);
        }
    }
}
