using System.Net;
using Smtpy.Core.Coordination;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Filter;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;

namespace Smtpy.Smtp.Tests.Filter;

/// <summary>With the null sender, who is nobody's contact, so that no database is asked.</summary>
public sealed class GreylistTests
{
    private readonly ManualTime _time = new();
    private readonly Greylist _list;

    public GreylistTests() => _list = new Greylist(
        new FilterOptions { Greylists = true, Exempt = [IPNetwork.Parse("198.51.100.0/24")] }, new MemoryFirstSeen(_time), null!, _time);

    [Fact]
    public async Task A_new_triplet_waits_and_is_known_afterwards()
    {
        Assert.True(await MustWaitAsync("192.0.2.1"));
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.True(await MustWaitAsync("192.0.2.1"));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(await MustWaitAsync("192.0.2.1"));
        _time.Advance(TimeSpan.FromDays(34));
        Assert.False(await MustWaitAsync("192.0.2.1"));
    }

    [Fact]
    public async Task Who_does_not_come_again_in_time_begins_anew()
    {
        Assert.True(await MustWaitAsync("192.0.2.1"));
        _time.Advance(TimeSpan.FromDays(3));
        Assert.True(await MustWaitAsync("192.0.2.1"));
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.200", false)] // A neighbour may try again: large senders do.
    [InlineData("192.0.2.1", "192.0.3.1", true)]
    [InlineData("2001:db8::1", "2001:db8::ffff:1", false)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", true)]
    public async Task A_client_is_its_network(string first, string second, bool waits)
    {
        Assert.True(await MustWaitAsync(first));
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(waits, await MustWaitAsync(second));
    }

    [Fact]
    public async Task Each_alias_is_another()
    {
        Assert.True(await MustWaitAsync("192.0.2.1"));
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.True(await MustWaitAsync("192.0.2.1", "other@alias.test"));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.0.0.1")]
    [InlineData("198.51.100.9")]
    public async Task Local_and_exempt_clients_never_wait(string client) => Assert.False(await MustWaitAsync(client));

    private ValueTask<bool> MustWaitAsync(string client, string alias = "shop@alias.test")
    {
        var peer = new SmtpPeer
        {
            ConnectionId = "1",
            RemoteEndPoint = new IPEndPoint(IPAddress.Parse(client), 4711),
            LocalEndPoint = new IPEndPoint(IPAddress.Loopback, 25),
        };
        return _list.MustWaitAsync(
            new SmtpTransaction { Peer = peer, Sender = ReversePath.Null }, alias, TestContext.Current.CancellationToken);
    }
}
