using System.Net;
using Smtpy.Mail.Dns;
using Smtpy.Smtp.Filter;
using Smtpy.Tests.Support.Dns;
using Xunit;

namespace Smtpy.Smtp.Tests.Filter;

public sealed class BlockListsTests : IAsyncLifetime
{
    private readonly DnsTestServer _dns = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _dns.DisposeAsync();

    [Fact]
    public async Task A_listed_client_is_found_with_what_the_list_says()
    {
        _dns.A("7.2.0.192.bl.test", "127.0.0.2").Txt("7.2.0.192.bl.test", "See https://bl.test/7 \u00e4");
        Assert.Equal(new BlockListEntry("bl.test", "See https://bl.test/7 ?"), await FindAsync("192.0.2.7"));
    }

    [Fact]
    public async Task Ipv6_is_asked_for_by_nibbles()
    {
        // RFC 5782 section 2.4.
        _dns.A("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.bl.test", "127.0.0.2");
        Assert.Equal("bl.test", (await FindAsync("2001:db8::1"))?.Zone);
    }

    [Theory]
    [InlineData("192.0.2.8", "127.255.255.254")] // "You may not ask", not "listed".
    [InlineData("192.0.2.9", "203.0.113.1")] // A domain that was sold answers everything with its web server.
    public async Task Only_what_lists_answer_counts(string client, string answer)
    {
        _dns.A($"{string.Join('.', client.Split('.').Reverse())}.bl.test", answer);
        Assert.Null(await FindAsync(client));
    }

    [Fact]
    public async Task A_list_that_fails_says_nothing()
    {
        _dns.Broken("7.2.0.192.bl.test").A("7.2.0.192.second.test", "127.0.0.4");
        Assert.Equal("second.test", (await FindAsync("192.0.2.7", "bl.test", "second.test"))?.Zone);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("172.20.0.1")]
    [InlineData("192.168.7.7")]
    [InlineData("::1")]
    [InlineData("fd00::1")]
    [InlineData("fe80::1")]
    [InlineData("198.51.100.7")] // Exempt.
    public async Task Local_and_exempt_clients_are_never_looked_up(string client)
    {
        Assert.Null(await FindAsync(client));
        Assert.Empty(_dns.Questions);
    }

    private Task<BlockListEntry?> FindAsync(string client, params string[] zones)
    {
        var resolver = new DnsRecordResolver(new MailResolverOptions { Server = _dns.EndPoint, Retries = 0 }, TimeProvider.System);
        var options = new FilterOptions { BlockLists = zones.Length > 0 ? zones : ["bl.test"], Exempt = [IPNetwork.Parse("198.51.100.0/24")] };
        return new BlockLists(options, resolver, TimeProvider.System).FindAsync(IPAddress.Parse(client), TestContext.Current.CancellationToken);
    }
}
