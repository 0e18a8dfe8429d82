using System.Net;
using System.Text;
using Xunit;

namespace Smtpy.Mail.Tests.Server;

public sealed class ProxyTests
{
    private const string Signature = "\r\n\r\n\0\r\nQUIT\n";

    private static readonly IPNetwork Loopback = IPNetwork.Parse("127.0.0.0/8");

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 4711 25\r\n", "192.0.2.7:4711")]
    [InlineData("PROXY TCP6 2001:db8::7 2001:db8::1 4711 25\r\n", "[2001:db8::7]:4711")]
    [InlineData("PROXY TCP6 ::ffff:192.0.2.7 ::ffff:192.0.2.1 4711 25\r\n", "192.0.2.7:4711")]
    [InlineData(Signature + "\x21\x11\0\x0c\xc0\0\x02\x07\xc6\x33\x64\x01\x12\x67\0\x19", "192.0.2.7:4711")]
    [InlineData(Signature + "\x21\x11\0\x0f\xc0\0\x02\x07\xc6\x33\x64\x01\x12\x67\0\x19TLV", "192.0.2.7:4711")]
    [InlineData(Signature + "\x21\x21\0\x24\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x12\x67\0\x19", "[2001:db8::7]:4711")]
    public async Task A_trusted_header_names_the_client_however_it_is_cut(string header, string expected)
    {
        await using var server = await StartAsync(Loopback);
        for (var cut = 1; cut < header.Length; cut += 5)
        {
            await using var client = await server.ConnectAsync();
            await client.SendAsync(header[..cut]);
            await client.SendAsync(header[cut..] + "EHLO x\r\n");
            Assert.Equal("220 mx.test ESMTP SMTPy", await client.ReadReplyAsync());
            Assert.StartsWith("250-mx.test", await client.ReadReplyAsync(), StringComparison.Ordinal);
            Assert.Equal(expected, server.Policy.Peers.Last().RemoteEndPoint.ToString());
        }
    }

    [Theory]
    [InlineData("PROXY UNKNOWN\r\n")]
    [InlineData("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n")]
    [InlineData(Signature + "\x20\0\0\0")]
    [InlineData(Signature + "\x21\0\0\0")]
    [InlineData(Signature + "\x20\x11\0\x0c\xc0\0\x02\x07\xc6\x33\x64\x01\x12\x67\0\x19")]
    public async Task A_proxy_that_speaks_for_itself_keeps_its_own_address(string header)
    {
        await using var server = await StartAsync(Loopback);
        await using var client = await server.ConnectAsync();
        await client.SendAsync(header);
        Assert.Equal("220 mx.test ESMTP SMTPy", await client.ReadReplyAsync());
        Assert.Equal(client.LocalEndPoint, Assert.Single(server.Policy.Peers).RemoteEndPoint);
    }

    [Theory]
    [InlineData("EHLO x\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 4711 99999\r\n")]
    [InlineData("PROXY TCP4 2001:db8::7 2001:db8::1 4711 25\r\n")]
    [InlineData("PROXY TCP4 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData(Signature + "\x31\x11\0\x0c\xc0\0\x02\x07\xc6\x33\x64\x01\x12\x67\0\x19")]
    [InlineData(Signature + "\x21\x11\0\x04\xc0\0\x02\x07")]
    [InlineData(Signature + "\x21\x11\xff\xff")]
    public async Task Without_a_good_header_a_proxys_connection_is_dropped(string start)
    {
        await using var server = await StartAsync(Loopback);
        await using var client = await server.ConnectAsync();
        await client.SendAsync(start);
        Assert.Null(await client.ReadLineAsync());
        Assert.Empty(server.Policy.Peers);
    }

    [Fact]
    public async Task The_header_must_come_in_time()
    {
        var time = new ManualTime();
        await using var server = await TestServer.StartAsync(TestServer.DefaultOptions with { ProxyNetworks = [Loopback] }, time: time);
        await using var client = await server.ConnectAsync();
        await client.SendAsync("PROXY TCP4 ");
        var line = client.ReadLineAsync();
        await Clock.AdvanceUntilAsync(time, line);
        Assert.Null(await line);
    }

    [Fact]
    public async Task A_header_from_anybody_else_is_just_a_wrong_command()
    {
        await using var server = await StartAsync(IPNetwork.Parse("203.0.113.0/24"));
        await using var client = await server.ConnectAsync();
        await client.SendAsync("PROXY TCP4 192.0.2.7 198.51.100.1 4711 25\r\n");
        Assert.Equal("220 mx.test ESMTP SMTPy", await client.ReadReplyAsync());
        Assert.Equal("500 5.5.1 Command not recognized", await client.ReadReplyAsync());
        Assert.Equal(client.LocalEndPoint, Assert.Single(server.Policy.Peers).RemoteEndPoint);
    }

    private static Task<TestServer> StartAsync(IPNetwork trusted) =>
        TestServer.StartAsync(TestServer.DefaultOptions with { ProxyNetworks = [trusted] });
}
