using Smtpy.Core.Storage;
using Smtpy.Mail.Client;
using Smtpy.Mail.Dns;
using Smtpy.Mail.TlsPolicy;
using Smtpy.Smtp.Deliver;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;

namespace Smtpy.Smtp.Tests.Deliver;

/// <summary>MTA-STS (RFC 8461), DANE (RFC 7672) and REQUIRETLS (RFC 8689) from the queue to a mail server with real TLS.</summary>
public sealed class TransportSecurityTests : IDisposable
{
    private const string Host = PolicyFixture.Host;

    private readonly TestAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    private PolicyFixture With(string? certificate, bool expired = false, bool dnssec = false, params string[] inside) =>
        new(_authority, new TlsPeer(certificate is null ? null : _authority.Server(certificate, expired), inside), dnssec);

    [Theory]
    [InlineData("enforce", Host)]
    [InlineData("enforce", "*.one.example")]
    [InlineData("testing", Host)]
    public async Task A_host_that_does_what_the_policy_asks_gets_its_mail(string mode, string pattern)
    {
        await using var fixture = With(Host).WithPolicy(mode, "other.example", pattern);
        var report = await fixture.SendAsync();
        Assert.Equal((DeliveryState.Delivered, "TLSv1.3, verified by MTA-STS"), (report.State, report.Tls));
        Assert.Equal("Sts 1+0", fixture.Reported);
    }

    [Theory]
    [InlineData(null, false, Host, "451 4.7.4 TLS is required, but the server does not offer STARTTLS", "starttls-not-supported")]
    [InlineData("other.example", false, Host, "451 4.7.5 the certificate of mx.one.example is not accepted: it is for another host", "certificate-host-mismatch")]
    [InlineData(Host, true, Host, "451 4.7.5 the certificate of mx.one.example is not accepted: it has expired or is not valid yet", "certificate-expired")]
    [InlineData(Host, false, "*.two.example", "451 4.7.5 the MTA-STS policy of one.example does not name mx.one.example as its mail server", "validation-failure")]
    public async Task Under_enforce_mail_waits_and_under_testing_it_goes_and_both_are_counted(
        string? certificate, bool expired, string pattern, string reply, string result)
    {
        await using var strict = With(certificate, expired).WithPolicy("enforce", pattern);
        var deferred = await strict.SendAsync();
        Assert.Equal((DeliveryState.Queued, reply), (deferred.State, deferred.Reply));
        Assert.Equal("Sts 0+1 " + result, strict.Reported);
        Assert.InRange(strict.Peer.Connections, 0, 1);
        Assert.Empty(strict.Peer.Mail);

        await using var testing = With(certificate, expired).WithPolicy("testing", pattern);
        Assert.Equal(DeliveryState.Delivered, (await testing.SendAsync()).State);
        Assert.Equal("Sts 0+1 " + result, testing.Reported);
    }

    [Fact]
    public async Task A_policy_that_cannot_be_fetched_asks_for_nothing_unless_it_was_seen_before()
    {
        await using var never = With(null).WithoutPolicyServer();
        Assert.Equal((DeliveryState.Delivered, "no TLS"), await StateAsync(never));
        Assert.Equal("Sts 0+1 sts-policy-fetch-error", never.Reported);

        await using var before = With(Host).WithPolicy("enforce", "*.two.example");
        Assert.Equal(DeliveryState.Queued, (await before.SendAsync()).State);
        before.WithoutPolicyServer();
        before.Time.Advance(TimeSpan.FromHours(1));
        before.Queue.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(DeliveryState.Queued, (await before.SendAsync()).State);
    }

    private static async Task<(DeliveryState State, string Tls)> StateAsync(PolicyFixture fixture)
    {
        var report = await fixture.SendAsync();
        return (report.State, report.Tls);
    }

    [Theory]
    [InlineData(true, true, "Delivered TLSv1.3, verified by DANE", "Tlsa 1+0")]
    [InlineData(true, false, "Queued ", "Tlsa 0+1 validation-failure")]
    [InlineData(false, false, "Delivered TLSv1.3, verified by PKIX", "NoPolicyFound 1+0")]
    public async Task TLSA_records_decide_where_DNSSEC_vouches_for_them(bool dnssec, bool right, string outcome, string reported)
    {
        using var leaf = _authority.Issue(Host);
        await using var fixture = new PolicyFixture(_authority, new TlsPeer(_authority.Shown(leaf)), dnssec);
        fixture.WithTlsa(3, right ? leaf : _authority.Intermediate);
        var report = await fixture.SendAsync();
        Assert.Equal((outcome, reported), ($"{report.State} {report.Tls}", fixture.Reported));
    }

    [Fact]
    public async Task DANE_wins_over_MTA_STS_in_both_directions()
    {
        using var leaf = _authority.Issue("other.example", expired: true);
        await using var right = new PolicyFixture(_authority, new TlsPeer(_authority.Shown(leaf)), dnssec: true);
        right.WithTlsa(3, leaf).WithPolicy("enforce", "*.two.example");
        Assert.Equal((DeliveryState.Delivered, "TLSv1.3, verified by DANE"), await StateAsync(right));
        await using var wrong = With(Host, dnssec: true).WithTlsa(3, leaf).WithPolicy("enforce", Host);
        Assert.Equal(DeliveryState.Queued, (await wrong.SendAsync()).State);
    }

    [Fact]
    public async Task TLSA_records_that_cannot_be_used_still_ask_for_TLS()
    {
        await using var encrypted = With("other.example", dnssec: true).WithTlsa(1, _authority.Root);
        Assert.Equal((DeliveryState.Delivered, "TLSv1.3, not verified"), await StateAsync(encrypted));
        Assert.Equal("Tlsa 0+1 tlsa-invalid", encrypted.Reported);
        await using var clear = With(null, dnssec: true).WithTlsa(1, _authority.Root);
        Assert.Equal(DeliveryState.Queued, (await clear.SendAsync()).State);
        Assert.Empty(clear.Peer.Mail);
    }

    [Fact]
    public async Task A_host_whose_TLSA_records_cannot_be_looked_up_is_left_alone()
    {
        await using var fixture = With(Host, dnssec: true);
        fixture.Dns.Broken($"_{fixture.Peer.EndPoint.Port}._tcp.{Host}");
        var report = await fixture.SendAsync();
        Assert.Equal((DeliveryState.Queued, "451 4.7.5 the TLSA records of mx.one.example cannot be looked up: DNS: ServerFailure"), (report.State, report.Reply));
        Assert.Equal(("Tlsa 0+1 dnssec-invalid", 0), (fixture.Reported, fixture.Peer.Connections));
        await using var bogus = With(Host, dnssec: true);
        bogus.Dns.Broken(PolicyFixture.Domain);
        Assert.StartsWith("451 4.4.3", (await bogus.SendAsync()).Reply, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sts", true, "Delivered")]
    [InlineData("dnssec", true, "Delivered")]
    [InlineData("dane", true, "Delivered")]
    [InlineData("sts", false, "Failed")]
    [InlineData("none", true, "Failed")]
    public async Task REQUIRETLS_goes_where_the_host_is_vouched_for_and_offers_it_and_fails_else(string by, bool offered, string state)
    {
        using var leaf = _authority.Issue(Host);
        await using var fixture = new PolicyFixture(
            _authority, new TlsPeer(_authority.Shown(leaf), offered ? ["REQUIRETLS"] : []), by is "dnssec" or "dane");
        _ = by switch { "sts" => fixture.WithPolicy("testing", Host), "dane" => fixture.WithTlsa(3, leaf), _ => fixture };
        var report = await fixture.SendAsync(TlsDemand.Required);
        Assert.Equal(state, report.State.ToString());
        if (state == "Delivered")
        {
            Assert.Equal("tls MAIL FROM:<bounce@client.example> REQUIRETLS", Assert.Single(fixture.Peer.Mail));
            return;
        }

        Assert.StartsWith("550 5.7.30", report.Reply, StringComparison.Ordinal);
        Assert.Empty(fixture.Peer.Mail);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(Host, true)]
    public async Task REQUIRETLS_without_TLS_or_with_a_bad_certificate_fails_for_good_and_leaves_other_mail_alone(string? certificate, bool expired)
    {
        await using var fixture = With(certificate, expired, dnssec: true);
        var report = await fixture.SendAsync(TlsDemand.Required);
        Assert.Equal(DeliveryState.Failed, report.State);
        Assert.StartsWith("550 5.7.30", report.Reply, StringComparison.Ordinal);
        Assert.Equal(DeliveryState.Delivered, (await fixture.SendAsync()).State);
    }

    [Fact]
    public async Task A_session_is_reused_only_for_messages_that_ask_the_same_of_it()
    {
        await using var fixture = With(Host, dnssec: true, inside: "REQUIRETLS");
        await fixture.SendAsync();
        await fixture.SendAsync();
        Assert.Equal(1, fixture.Peer.Connections);
        await fixture.SendAsync(TlsDemand.Required);
        Assert.Equal(2, fixture.Peer.Connections);
        await fixture.SendAsync(TlsDemand.Required);
        await fixture.SendAsync();
        Assert.Equal(2, fixture.Peer.Connections);
        await fixture.SendAsync(TlsDemand.Optional);
        Assert.Equal(3, fixture.Peer.Connections);
    }

    [Fact]
    public async Task TLS_Required_No_sets_the_policies_aside_for_its_message_only()
    {
        await using var fixture = With(null, dnssec: true).WithPolicy("enforce", "*.two.example").WithTlsa(3, _authority.Root);
        Assert.Equal((DeliveryState.Delivered, "no TLS"), ((await fixture.SendAsync(TlsDemand.Optional)) is var sent ? (sent.State, sent.Tls) : default));
        Assert.Equal(DeliveryState.Queued, (await fixture.SendAsync()).State);
    }

    [Theory]
    [InlineData("localhost", true, "Delivered")]
    [InlineData("localhost", false, "Failed")]
    [InlineData("other.example", true, "Failed")]
    public async Task A_relay_takes_REQUIRETLS_mail_when_it_is_verified_and_offers_it(string certificate, bool offered, string state)
    {
        await using var peer = new TlsPeer(_authority.Server(certificate), offered ? ["REQUIRETLS"] : []);
        await using var fixture = new QueueFixture(QueueFixture.Relay(peer.EndPoint) with
        {
            Relay = new RelayTarget("localhost", peer.EndPoint.Port, SmtpTls.Opportunistic, null),
            TrustedRoots = _authority.Trusted,
        });
        fixture.Queue.Enqueue(fixture.Message(1, TlsDemand.Required, "you@one.example"));
        var report = Assert.Single(await fixture.Store.WaitAsync(1));
        Assert.Equal(state, report.State.ToString());
        Assert.Equal(state == "Delivered" ? 1 : 0, peer.Mail.Count);
    }

    [Fact]
    public async Task REQUIRETLS_to_an_address_or_without_any_policy_in_force_fails_for_good()
    {
        await using var peer = new TlsPeer(_authority.Server(Host), "REQUIRETLS");
        await using var fixture = new QueueFixture(QueueFixture.Mx(peer.EndPoint.Port) with { TrustedRoots = _authority.Trusted });
        fixture.Queue.Enqueue(fixture.Message(1, TlsDemand.Required, "you@[127.0.0.1]"));
        fixture.Queue.Enqueue(fixture.Message(2, TlsDemand.Required, "you@one.example"));
        Assert.All(await fixture.Store.WaitAsync(2), report => Assert.StartsWith("550 5.7.30", report.Reply, StringComparison.Ordinal));
        Assert.Equal(0, peer.Connections);
    }
}
