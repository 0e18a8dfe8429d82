using System.Net;
using Smtpy.Smtp.Receive;
using Xunit;

namespace Smtpy.Smtp.Tests.Receive;

public sealed class ClientLimitsTests
{
    private static readonly IPAddress Client = IPAddress.Parse("192.0.2.1");

    private readonly ManualTime _time = new();

    [Fact]
    public void Connections_of_one_client_are_bounded_and_come_free_again()
    {
        var limits = Limits(new() { Connections = 2 });
        Assert.True(limits.TryConnect(Client));
        Assert.True(limits.TryConnect(Client));
        Assert.False(limits.TryConnect(Client));
        Assert.True(limits.TryConnect(IPAddress.Parse("192.0.2.2")));
        limits.Disconnect(Client);
        Assert.True(limits.TryConnect(Client));
    }

    [Fact]
    public void A_client_of_an_exempt_network_is_never_counted()
    {
        var limits = Limits(new() { Connections = 1 });
        Assert.True(limits.TryConnect(IPAddress.Loopback));
        Assert.True(limits.TryConnect(IPAddress.Loopback));
        Assert.True(limits.TryConnect(IPAddress.IPv6Loopback));
        Assert.True(limits.TryConnect(IPAddress.IPv6Loopback));
    }

    [Fact]
    public void All_addresses_of_an_IPv6_64_are_one_client()
    {
        var limits = Limits(new() { Connections = 1 });
        Assert.True(limits.TryConnect(IPAddress.Parse("2001:db8:1:2::1")));
        Assert.False(limits.TryConnect(IPAddress.Parse("2001:db8:1:2:ffff::9")));
        Assert.True(limits.TryConnect(IPAddress.Parse("2001:db8:1:3::1")));
    }

    [Fact]
    public void Messages_and_recipients_are_counted_by_the_minute()
    {
        var limits = Limits(new() { MessagesPerMinute = 1, RecipientsPerMinute = 2 });
        Assert.True(limits.TryConnect(Client));
        Assert.True(limits.TryMessage(Client));
        Assert.False(limits.TryMessage(Client));
        Assert.True(limits.TryRecipient(Client));
        Assert.True(limits.TryRecipient(Client));
        Assert.False(limits.TryRecipient(Client));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(limits.TryMessage(Client));
        Assert.True(limits.TryRecipient(Client));
    }

    [Fact]
    public void A_client_with_too_many_errors_cannot_connect_until_the_next_minute()
    {
        var limits = Limits(new() { ErrorsPerMinute = 2 });
        Assert.True(limits.TryConnect(Client));
        Assert.True(limits.TryError(Client));
        Assert.False(limits.TryError(Client));
        Assert.False(limits.TryConnect(Client));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(limits.TryConnect(Client));
    }

    private ClientLimits Limits(ClientLimitOptions options) => new(options, _time);

    private sealed class ManualTime : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now;

        public void Advance(TimeSpan by) => _now += by;
    }
}
