using System.Net;
using Smtpy.Mail.Client;
using Smtpy.Mail.Dns;

namespace Smtpy.Smtp.Deliver;

/// <summary>The mail servers of one domain (RFC 5321 section 5.1), or the host of an address literal.</summary>
internal sealed class MxDestination(
    string domain, IMailResolver resolver, SmtpClientOptions client, DeliveryOptions options, TimeProvider time) : IDestination
{
    public async Task<OpenResult> OpenAsync(IReadOnlyCollection<IPEndPoint> avoid, CancellationToken cancellationToken)
    {
        if (domain.StartsWith('['))
        {
            return await OpenLiteralAsync(avoid, cancellationToken);
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
        return hosts.Count == 0
            ? OpenResult.Never(554, "5.4.6", $"the MX records of {domain} lead back to this server, which does not take its mail")
            : await OpenAnyAsync(hosts, avoid, cancellationToken);
    }

    private async Task<OpenResult> OpenAnyAsync(
        IReadOnlyList<MailExchanger> hosts, IReadOnlyCollection<IPEndPoint> avoid, CancellationToken cancellationToken)
    {
        OpenResult? last = null;
        var everyNameIsWrong = true;
        var tried = 0;
        foreach (var host in hosts)
        {
            var found = await resolver.FindAddressesAsync(host.Host, cancellationToken);
            everyNameIsWrong &= found.Status == DnsStatus.NotFound;
            if (found.Status != DnsStatus.Found)
            {
                last ??= OpenResult.NotNow(new PeerReply(451, "4.4.3", $"{host.Host}: {found.Reason}"), "");
            }

            foreach (var address in found.Addresses)
            {
                var remote = new RemoteHost(host.Host, new IPEndPoint(address, options.MxPort));
                if (avoid.Contains(remote.EndPoint))
                {
                    continue;
                }

                if (tried++ == options.MaxAddresses)
                {
                    return last!.Value;
                }

                var result = await ConnectAsync(remote, cancellationToken);
                if (result.Connection is not null)
                {
                    return result;
                }

                last = result;
            }
        }

        return everyNameIsWrong
            ? OpenResult.Never(550, "5.4.4", $"none of the mail servers of {domain} has an address")
            : last ?? OpenResult.NotNow(new PeerReply(451, "4.4.1", $"no mail server of {domain} answers"), "");
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
            : await ConnectAsync(remote, cancellationToken);
    }

    private async Task<OpenResult> ConnectAsync(RemoteHost remote, CancellationToken cancellationToken)
    {
        var result = await SmtpClientConnection.ConnectAsync(remote, client, time, cancellationToken);
        return result.Connection is null
            ? OpenResult.NotNow(result.Failure, remote.ToString())
            : new OpenResult(result.Connection, default, "", false);
    }
}
