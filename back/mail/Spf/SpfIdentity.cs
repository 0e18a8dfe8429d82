using System.Net;
using System.Net.Sockets;
using Smtpy.Mail.Dns;

namespace Smtpy.Mail.Spf;

/// <summary>Who is judged (RFC 7208 sections 2.3, 2.4 and 4.3).</summary>
/// <param name="Client">IPv4, or IPv6 that is not IPv4-mapped.</param>
/// <param name="LocalPart">"postmaster" where there is none.</param>
/// <param name="Domain">With A-labels where it is a domain name, else as given.</param>
/// <param name="CanBeChecked">Whether the domain is one that check_host takes: of several labels, and no address literal.</param>
internal sealed record SpfIdentity(IPAddress Client, string Helo, string LocalPart, string Domain, bool CanBeChecked)
{
    private const string DefaultLocalPart = "postmaster";

    public string Sender { get; } = $"{LocalPart}@{Domain}";

    public static SpfIdentity Of(SpfRequest request)
    {
        var at = request.MailFrom.LastIndexOf('@');
        var local = at > 0 ? request.MailFrom[..at] : DefaultLocalPart;
        var domain = request.MailFrom.Length == 0 ? request.Helo : request.MailFrom[(at + 1)..];
        var ascii = DnsName.ToAscii(domain);
        var valid = ascii is not null && ascii.Contains('.', StringComparison.Ordinal) && !ascii.StartsWith('[');
        var client = request.Client.IsIPv4MappedToIPv6 ? request.Client.MapToIPv4() : request.Client;
        if (client.AddressFamily == AddressFamily.InterNetworkV6 && client.ScopeId != 0)
        {
            // The zone of a link-local address is ours, not the sender's.
            client = new IPAddress(client.GetAddressBytes());
        }

        return new SpfIdentity(client, request.Helo, local, valid ? ascii! : domain, valid);
    }
}
