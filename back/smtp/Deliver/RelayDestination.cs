using System.Net;
using System.Net.Sockets;
using Smtpy.Mail.Client;
using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Smtp.Deliver;

/// <summary>
/// The relay. Its name is looked up where the machine looks names up (hosts file, container network), not in the mail
/// resolver: it is the operator's own machine more often than a name of the public DNS. Its policy is what the operator has
/// configured; MTA-STS and DANE are about domains.
/// </summary>
internal sealed class RelayDestination(RelayTarget relay, TlsDemand demand, SmtpClientOptions client, TimeProvider time) : IDestination
{
    private readonly SmtpClientOptions _client = client with { Tls = Verified(relay.Tls, demand), Credentials = relay.Credentials };

    public async Task<OpenResult> OpenAsync(IReadOnlyCollection<IPEndPoint> avoid, CancellationToken cancellationToken)
    {
        IPAddress[] addresses;
        try
        {
            addresses = IPAddress.TryParse(relay.Host, out var literal)
                ? [literal]
                : await Dns.GetHostAddressesAsync(relay.Host, cancellationToken);
        }
        catch (SocketException e)
        {
            return OpenResult.NotNow(new PeerReply(451, "4.4.3", $"the relay's name cannot be looked up: {e.SocketErrorCode}"), relay.ToString());
        }

        var last = OpenResult.NotNow(new PeerReply(451, "4.4.1", "no address of the relay answers"), relay.ToString());
        foreach (var address in addresses)
        {
            var host = new RemoteHost(relay.Host, new IPEndPoint(address, relay.Port));
            if (avoid.Contains(host.EndPoint))
            {
                continue;
            }

            var result = await SmtpClientConnection.ConnectAsync(host, _client, time, cancellationToken);
            var opened = await RequireTls.CheckAsync(OpenResult.Of(result, host.ToString()), result.Tls, demand, cancellationToken);
            if (opened.Connection is not null)
            {
                return opened;
            }

            last = opened;
        }

        return last;
    }

    private static SmtpTls Verified(SmtpTls configured, TlsDemand demand) => demand != TlsDemand.Required ? configured
        : configured is SmtpTls.Implicit or SmtpTls.ImplicitVerified ? SmtpTls.ImplicitVerified
        : SmtpTls.RequiredVerified;
}
