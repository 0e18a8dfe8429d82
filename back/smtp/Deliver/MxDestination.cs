using System.Net;
using Smtpy.Mail.Client;
using Smtpy.Mail.Dns;
using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Smtp.Deliver;

/// <summary>The mail servers of one domain (RFC 5321 section 5.1), or the host of an address literal.</summary>
/// <param name="policies">Null: nothing is asked of the way but what the message asks.</param>
internal sealed class MxDestination(
    string domain, TlsDemand demand, IMailResolver resolver, TransportPolicies? policies, SmtpClientOptions client, DeliveryOptions options,
    TimeProvider time) : IDestination
{
    private static readonly DomainTls NoPolicy = new("", default, SecureExchangers.Insecure);

    public async Task<OpenResult> OpenAsync(IReadOnlyCollection<IPEndPoint> avoid, CancellationToken cancellationToken)
    {
        if (domain.StartsWith('['))
        {
            // No policy and no certificate speaks of an address.
            return demand == TlsDemand.Required
                ? OpenResult.Never(550, "5.7.30", $"the sender requires verified TLS, and there is none with an address such as {domain}")
                : await OpenLiteralAsync(avoid, cancellationToken);
        }

        var exchangers = await resolver.FindExchangersAsync(domain, cancellationToken);
        switch (exchangers.Status)
        {
            case DnsStatus.NotFound:
                return OpenResult.Never(550, "5.1.2", $"{domain}: {exchangers.Reason}");
            case DnsStatus.NoMail:
                return OpenResult.Never(556, "5.1.10", $"{domain}: {exchangers.Reason}");
            case DnsStatus.TemporaryFailure:
                return OpenResult.NotNow(new PeerReply(451, "4.4.3", $"{domain}: {exchangers.Reason}"), "");
        }

        var hosts = exchangers.BetterThan(options.Hostname);
        if (hosts.Count == 0)
        {
            return await OpenOwnAsync(cancellationToken);
        }

        var tls = policies is null ? NoPolicy : await policies.FindAsync(domain, demand, cancellationToken);
        return tls.Exchangers.Status == DnsStatus.TemporaryFailure
            ? OpenResult.NotNow(new PeerReply(451, "4.4.3", $"{domain}: {tls.Exchangers.Reason}"), "")
            : await OpenAnyAsync(tls, hosts, avoid, cancellationToken);
    }

    /// <summary>
    /// Mail from one alias to another. It comes in by our own door, as a stranger's would, and is routed, judged and told of as such; so what is
    /// no domain of ours is refused there. No policy speaks of the way: it does not leave the machine.
    /// </summary>
    private async Task<OpenResult> OpenOwnAsync(CancellationToken cancellationToken) => options.OwnListener is { } listener
        ? await ConnectAsync(new RemoteHost(options.Hostname, listener), client, null, cancellationToken)
        : OpenResult.Never(554, "5.4.6", $"the MX records of {domain} lead back to this server, which does not take its mail");

    private async Task<OpenResult> OpenAnyAsync(
        DomainTls tls, IReadOnlyList<MailExchanger> hosts, IReadOnlyCollection<IPEndPoint> avoid, CancellationToken cancellationToken)
    {
        var search = new HostSearch(options, avoid);
        foreach (var host in hosts.Where(search.MayTry))
        {
            if (await OpenHostAsync(tls, host, search, cancellationToken) is { } opened)
            {
                return opened;
            }
        }

        return search.Result(domain);
    }

    /// <summary>Null: not at this host.</summary>
    private async Task<OpenResult?> OpenHostAsync(DomainTls tls, MailExchanger host, HostSearch search, CancellationToken cancellationToken)
    {
        var found = await resolver.FindAddressesAsync(host.Host, cancellationToken);
        search.Looked(host.Host, found);
        if (found.Addresses.Count == 0)
        {
            return null;
        }

        var policy = await JudgeAsync(tls, host.Host, cancellationToken);
        if (policy.Options is not { } how)
        {
            policies?.Count(policy, "", null);
            search.Failed(policy.IsPermanent ? new OpenResult(null, policy.Refusal, host.Host, true) : OpenResult.NotNow(policy.Refusal, host.Host));
            return null;
        }

        foreach (var address in search.Choose(host, found.Addresses))
        {
            var result = await ConnectAsync(new RemoteHost(host.Host, address), how, policy, cancellationToken);
            if (result.Connection is not null)
            {
                return result;
            }

            search.Failed(result);
        }

        return null;
    }

    private async ValueTask<HostTls> JudgeAsync(DomainTls tls, string host, CancellationToken cancellationToken)
    {
        if (policies is not null)
        {
            return await policies.JudgeAsync(tls, host, options.MxPort, demand, client, cancellationToken);
        }

        // Without a policy nothing vouches for the host's name (RFC 8689 section 4.2.1).
        return demand != TlsDemand.Required
            ? new HostTls { Domain = domain, Host = host, Options = client }
            : TransportPolicies.Unvouched(domain, host);
    }

    private async Task<OpenResult> OpenLiteralAsync(IReadOnlyCollection<IPEndPoint> avoid, CancellationToken cancellationToken)
    {
        var text = domain.AsSpan().Trim("[]");
        text = text.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase) ? text[5..] : text;
        if (!IPAddress.TryParse(text, out var address))
        {
            return OpenResult.Never(550, "5.1.2", $"{domain} is not an address");
        }

        var remote = new RemoteHost(domain, new IPEndPoint(address, options.MxPort));
        return avoid.Contains(remote.EndPoint)
            ? OpenResult.NotNow(new PeerReply(451, "4.4.1", "the server does not answer"), remote.ToString())
            : await ConnectAsync(remote, client, null, cancellationToken);
    }

    private async Task<OpenResult> ConnectAsync(RemoteHost remote, SmtpClientOptions how, HostTls? policy, CancellationToken cancellationToken)
    {
        var result = await SmtpClientConnection.ConnectAsync(remote, how, time, cancellationToken);
        if (policy is not null)
        {
            policies?.Count(policy, remote.EndPoint.Address.ToString(), result.Tls);
        }

        return await RequireTls.CheckAsync(OpenResult.Of(result, remote.ToString()), result.Tls, demand, cancellationToken);
    }
}
