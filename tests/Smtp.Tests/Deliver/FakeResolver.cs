using System.Collections.Concurrent;
using System.Net;
using Smtpy.Mail.Dns;

namespace Smtpy.Smtp.Tests.Deliver;

/// <summary>A resolver that answers from a list; hosts it has not heard of live on 127.0.0.1.</summary>
internal sealed class FakeResolver : IMailResolver
{
    public ConcurrentDictionary<string, MailExchangers> Domains { get; } = new();

    public ConcurrentDictionary<string, HostAddresses> Hosts { get; } = new();

    public FakeResolver With(string domain, params MailExchanger[] hosts)
    {
        Domains[domain] = new MailExchangers(DnsStatus.Found, hosts, "");
        return this;
    }

    public Task<MailExchangers> FindExchangersAsync(string domain, CancellationToken cancellationToken) =>
        Task.FromResult(Domains.GetValueOrDefault(domain) ?? new MailExchangers(DnsStatus.Found, [new MailExchanger("mx." + domain, 0)], ""));

    public Task<HostAddresses> FindAddressesAsync(string host, CancellationToken cancellationToken) =>
        Task.FromResult(Hosts.GetValueOrDefault(host) ?? new HostAddresses(DnsStatus.Found, [IPAddress.Loopback], ""));
}
