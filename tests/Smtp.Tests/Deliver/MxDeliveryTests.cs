using System.Net;
using System.Net.Sockets;
using Smtpy.Core.Storage;
using Smtpy.Mail.Dns;
using Smtpy.Smtp.Deliver;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;

namespace Smtpy.Smtp.Tests.Deliver;

public sealed class MxDeliveryTests
{
    [Fact]
    public async Task Each_domain_has_its_own_connections_within_its_own_limit()
    {
        await using var sink = new SinkServer();
        await using var fixture = new QueueFixture(QueueFixture.Mx(sink.EndPoint.Port) with { MxConnectionsPerDomain = 2 });
        var arrived = new SemaphoreSlim(0);
        var hold = new TaskCompletionSource();
        sink.BeforeEnd = () =>
        {
            arrived.Release();
            return hold.Task;
        };
        for (var i = 0; i < 40; i++)
        {
            fixture.Enqueue(i, $"a@{(i % 2 == 0 ? "One" : "two")}.example");
        }

        for (var i = 0; i < 4; i++)
        {
            await arrived.WaitAsync(TestContext.Current.CancellationToken);
        }

        hold.SetResult();
        Assert.All(await fixture.Store.WaitAsync(40), report => Assert.Equal(DeliveryState.Delivered, report.State));
        Assert.Equal(4, sink.MostOpen);
    }

    [Fact]
    public async Task The_limit_over_all_domains_holds_and_starves_nobody()
    {
        await using var sink = new SinkServer();
        await using var fixture = new QueueFixture(QueueFixture.Mx(sink.EndPoint.Port) with { MaxConnections = 3 });
        for (var i = 0; i < 60; i++)
        {
            fixture.Enqueue(i, $"a@domain{i % 12}.example");
        }

        Assert.All(await fixture.Store.WaitAsync(60), report => Assert.Equal(DeliveryState.Delivered, report.State));
        Assert.InRange(sink.MostOpen, 1, 3);
    }

    [Fact]
    public async Task The_next_host_is_tried_when_the_first_does_not_answer_or_breaks_off_before_MAIL_is_answered()
    {
        await using var sink = new SinkServer();
        await using var breaking = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync();
            await peer.ReadLineAsync();
        });

        // All hosts share the port of the tests, so they differ in their loopback addresses: only 127.0.0.1 listens.
        await using var fixture = new QueueFixture(QueueFixture.Mx(sink.EndPoint.Port));
        fixture.Resolver.With("one.example", new MailExchanger("dead.example", 1), new MailExchanger("alive.example", 2));
        fixture.Resolver.Hosts["dead.example"] = new HostAddresses(DnsStatus.Found, [IPAddress.Parse("127.0.0.2"), IPAddress.Parse("127.0.0.3")], "");
        fixture.Enqueue(1, "a@one.example");
        var report = Assert.Single(await fixture.Store.WaitAsync(1));
        Assert.Equal((DeliveryState.Delivered, $"alive.example[127.0.0.1]:{sink.EndPoint.Port}"), (report.State, report.RemoteHost));

        await using var second = new QueueFixture(QueueFixture.Mx(breaking.EndPoint.Port));
        second.Resolver.With("two.example", new MailExchanger("breaking.example", 1));
        second.Enqueue(2, "a@two.example");
        var deferred = Assert.Single(await second.Store.WaitAsync(1));
        Assert.Equal((DeliveryState.Queued, "451 4.4.2 connection closed by the peer (MAIL)"), (deferred.State, deferred.Reply));
        Assert.Equal(1, breaking.Connections);
    }

    [Fact]
    public async Task A_host_that_refuses_at_many_addresses_does_not_keep_the_mail_from_the_next_preference()
    {
        await using var sink = new SinkServer();
        await using var fixture = new QueueFixture(QueueFixture.Mx(sink.EndPoint.Port));
        fixture.Resolver.With("one.example", new MailExchanger("many.example", 10), new MailExchanger("alive.example", 20));
        fixture.Resolver.Hosts["many.example"] = new HostAddresses(DnsStatus.Found, Dead(8), "");
        fixture.Enqueue(1, "a@one.example");
        var report = Assert.Single(await fixture.Store.WaitAsync(1));
        Assert.Equal((DeliveryState.Delivered, $"alive.example[127.0.0.1]:{sink.EndPoint.Port}"), (report.State, report.RemoteHost));
    }

    [Fact]
    public async Task Many_dead_hosts_of_one_preference_do_not_keep_the_mail_from_the_next()
    {
        await using var sink = new SinkServer();
        await using var fixture = new QueueFixture(QueueFixture.Mx(sink.EndPoint.Port));
        MailExchanger[] dead = [.. Enumerable.Range(1, 20).Select(i => new MailExchanger($"dead{i}.example", 10))];
        fixture.Resolver.With("one.example", [.. dead, new MailExchanger("alive.example", 20)]);
        foreach (var host in dead)
        {
            fixture.Resolver.Hosts[host.Host] = new HostAddresses(DnsStatus.Found, Dead(4), "");
        }

        fixture.Enqueue(1, "a@one.example");
        Assert.Equal(DeliveryState.Delivered, Assert.Single(await fixture.Store.WaitAsync(1)).State);
    }

    [Fact]
    public void Each_address_of_a_host_has_its_turn_and_an_IPv4_address_comes_first()
    {
        IPAddress[] addresses = [.. Dead(4), IPAddress.IPv6Loopback, IPAddress.Parse("2001:db8::1")];
        var draws = Enumerable.Range(0, 300)
            .Select(_ => new HostSearch(QueueFixture.Mx(25), []).Choose(new MailExchanger("mx.example", 10), addresses)).ToArray();
        Assert.All(draws, draw => Assert.Equal((2, AddressFamily.InterNetwork), (draw.Count, draw[0].AddressFamily)));
        Assert.Equal(addresses.Length, draws.SelectMany(draw => draw).Distinct().Count());
    }

    [Fact]
    public void Addresses_that_broke_off_count_and_when_the_attempt_is_over_that_is_no_failure_for_good()
    {
        IPEndPoint[] avoid = [.. Dead(16).Select(address => new IPEndPoint(address, 25))];
        var host = new MailExchanger("mx.example", 10);
        Assert.Empty(new HostSearch(QueueFixture.Mx(25), avoid[..2]).Choose(host, Dead(8)));
        Assert.Single(new HostSearch(QueueFixture.Mx(25), avoid[..1]).Choose(host, Dead(8)));
        var over = new HostSearch(QueueFixture.Mx(25), avoid);
        Assert.False(over.MayTry(host));
        Assert.False(over.Result("one.example").IsPermanent);
    }

    [Fact]
    public async Task A_host_is_reached_at_its_IPv6_address_and_at_its_IPv4_address_where_that_is_dead()
    {
        await using var six = new SinkServer(IPAddress.IPv6Loopback);
        await using var first = new QueueFixture(QueueFixture.Mx(six.EndPoint.Port));
        first.Resolver.With("six.example", new MailExchanger("mx.six.example", 1));
        first.Resolver.Hosts["mx.six.example"] = new HostAddresses(DnsStatus.Found, [IPAddress.IPv6Loopback], "");
        first.Enqueue(1, "a@six.example");
        var report = Assert.Single(await first.Store.WaitAsync(1));
        Assert.Equal((DeliveryState.Delivered, $"mx.six.example[::1]:{six.EndPoint.Port}"), (report.State, report.RemoteHost));

        await using var four = new SinkServer();
        await using var second = new QueueFixture(QueueFixture.Mx(four.EndPoint.Port));
        second.Resolver.With("both.example", new MailExchanger("mx.both.example", 1));
        second.Resolver.Hosts["mx.both.example"] = new HostAddresses(DnsStatus.Found, [IPAddress.IPv6Loopback, IPAddress.Loopback], "");
        second.Enqueue(2, "a@both.example");
        report = Assert.Single(await second.Store.WaitAsync(1));
        Assert.Equal((DeliveryState.Delivered, $"mx.both.example[127.0.0.1]:{four.EndPoint.Port}"), (report.State, report.RemoteHost));
    }

    [Theory]
    [InlineData(DnsStatus.NotFound, DeliveryState.Failed, "550 5.1.2")]
    [InlineData(DnsStatus.NoMail, DeliveryState.Failed, "556 5.1.10")]
    [InlineData(DnsStatus.TemporaryFailure, DeliveryState.Queued, "451 4.4.3")]
    public async Task What_DNS_says_decides_before_any_connection(DnsStatus status, DeliveryState state, string codes)
    {
        await using var fixture = new QueueFixture(QueueFixture.Mx(1));
        fixture.Resolver.Domains["one.example"] = MailExchangers.None(status, "reason");
        fixture.Enqueue(1, "a@one.example");
        var report = Assert.Single(await fixture.Store.WaitAsync(1));
        Assert.Equal((state, codes + " one.example: reason"), (report.State, report.Reply));
    }

    [Fact]
    public async Task Mail_is_never_handed_to_ourselves_or_a_worse_host()
    {
        await using var fixture = new QueueFixture(QueueFixture.Mx(1));
        fixture.Resolver.With("one.example", new MailExchanger("Client.Example", 10), new MailExchanger("backup.example", 20));
        fixture.Enqueue(1, "a@one.example");
        var report = Assert.Single(await fixture.Store.WaitAsync(1));
        Assert.Equal(DeliveryState.Failed, report.State);
        Assert.StartsWith("554 5.4.6", report.Reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_for_a_domain_that_we_are_the_first_to_take_comes_in_by_our_own_door()
    {
        await using var own = new SinkServer();
        await using var fixture = new QueueFixture(QueueFixture.Mx(1) with { OwnListener = own.EndPoint });
        fixture.Resolver.With("one.example", new MailExchanger("Client.Example", 10), new MailExchanger("backup.example", 20));
        fixture.Enqueue(1, "a@one.example");
        Assert.Equal(DeliveryState.Delivered, Assert.Single(await fixture.Store.WaitAsync(1)).State);
        Assert.StartsWith("RCPT TO:<a@one.example>", Assert.Single(Assert.Single(own.Mail).Recipients), StringComparison.Ordinal);
    }

    [Fact]
    public async Task MX_hosts_without_any_address_fail_the_delivery()
    {
        await using var fixture = new QueueFixture(QueueFixture.Mx(1));
        fixture.Resolver.Hosts["mx.one.example"] = new HostAddresses(DnsStatus.NotFound, [], "none");
        fixture.Enqueue(1, "a@one.example");
        Assert.StartsWith("550 5.4.4", Assert.Single(await fixture.Store.WaitAsync(1)).Reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_literal_goes_straight_to_its_host()
    {
        await using var sink = new SinkServer();
        await using var fixture = new QueueFixture(QueueFixture.Mx(sink.EndPoint.Port));
        fixture.Enqueue(1, "a@[127.0.0.1]");
        fixture.Enqueue(2, "a@[no.address]");
        var reports = (await fixture.Store.WaitAsync(2)).OrderBy(report => report.Key.MessageId).ToArray();
        Assert.Equal([DeliveryState.Delivered, DeliveryState.Failed], reports.Select(report => report.State));
    }

    /// <summary>Loopback addresses at which the tests' servers do not listen.</summary>
    private static IPAddress[] Dead(int count) => [.. Enumerable.Range(2, count).Select(i => new IPAddress([127, 0, 0, (byte)i]))];
}
