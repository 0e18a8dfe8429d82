using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Smtpy.Core.Storage;
using Smtpy.Mail.Dns;
using Smtpy.Mail.Tests.TlsPolicy;
using Smtpy.Mail.TlsPolicy;
using Smtpy.Tests.Support.Dns;
using Smtpy.Tests.Support.ScriptedPeer;

namespace Smtpy.Smtp.Tests.Deliver;

/// <summary>"one.example" with its mail server "mx.one.example", its DNS and its policy server, and a queue that delivers there.</summary>
internal sealed class PolicyFixture : IAsyncDisposable
{
    public const string Domain = "one.example";

    public const string Host = "mx.one.example";

    private readonly PolicyServer _web;
    private readonly TlsMetrics _metrics = new();
    private readonly StsPolicyFetcher _fetcher;
    private long _id;

    /// <param name="peer">The mail server; disposed with the fixture.</param>
    public PolicyFixture(TestAuthority authority, TlsPeer peer, bool dnssec = false)
    {
        (Authority, Peer) = (authority, peer);
        _web = new PolicyServer(authority.Server("mta-sts." + Domain));
        Dns.Exchanger(Domain, Host).Address(Host).Address("mta-sts." + Domain);
        if (!dnssec)
        {
            Dns.Insecure(Domain);
        }

        var resolving = new MailResolverOptions { Server = Dns.EndPoint };
        var resolver = new DnsMailResolver(resolving, Time);
        var options = new StsOptions { Port = _web.Port, TrustedRoots = authority.Trusted };
        _fetcher = new StsPolicyFetcher(resolver, options, Time);
        Reports = new TlsReports(_metrics, Time);
        var sts = new StsPolicies(resolver, _fetcher, new MemoryTlsPolicyStore(), options, _metrics, Time);
        Queue = new QueueFixture(
            // One connection: a second would be opened for a message that comes before the first has gone back to wait for it.
            QueueFixture.Mx(peer.EndPoint.Port) with { TrustedRoots = authority.Trusted, MxConnectionsPerDomain = 1 },
            new TransportPolicies(sts, new DaneResolver(resolving, Time), Reports));
        Queue.Resolver.With(Domain, new MailExchanger(Host, 10));
    }

    public TestAuthority Authority { get; }

    public TlsPeer Peer { get; }

    public SignedDnsServer Dns { get; } = new();

    public ManualTime Time { get; } = new();

    public TlsReports Reports { get; }

    public QueueFixture Queue { get; }

    /// <summary>"sts 0+1 certificate-expired", of the one policy there is.</summary>
    public string Reported => string.Join("; ", Reports.Read(new DateOnly(2026, 1, 1)).Select(tally =>
        $"{tally.Type} {tally.Successes}+{tally.Failed} {string.Join(',', tally.Failures.Select(failure => failure.Key.Result.Name()))}".TrimEnd()));

    public PolicyFixture WithPolicy(string mode, params string[] patterns)
    {
        _web.Answer = PolicyServer.Policy(mode, 86400, patterns);
        Dns.Text("_mta-sts." + Domain, "v=STSv1; id=1;");
        return this;
    }

    /// <summary>The policy is announced and cannot be fetched.</summary>
    public PolicyFixture WithoutPolicyServer()
    {
        _web.Answer = "HTTP/1.1 500 no\r\nContent-Length: 0\r\n\r\n";
        Dns.NewText("_mta-sts." + Domain, "v=STSv1; id=2;");
        return this;
    }

    public PolicyFixture WithTlsa(int usage, X509Certificate2 certificate, int matching = 1)
    {
        Dns.Association(Host, Peer.EndPoint.Port, usage, 1, matching, SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
        return this;
    }

    /// <summary>Sends one message and waits for its outcome.</summary>
    public async Task<DeliveryReport> SendAsync(TlsDemand tls = TlsDemand.ByPolicy)
    {
        var id = ++_id;
        Queue.Queue.Enqueue(Queue.Message(id, tls, "you@" + Domain));
        return (await Queue.Store.WaitAsync(1)).Single(report => report.Key.MessageId == id);
    }

    public async ValueTask DisposeAsync()
    {
        await Queue.DisposeAsync();
        await Peer.DisposeAsync();
        await _web.DisposeAsync();
        await Dns.DisposeAsync();
        _fetcher.Dispose();
        _metrics.Dispose();
    }
}
