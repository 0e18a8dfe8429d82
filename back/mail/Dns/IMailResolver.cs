using System.Net;

namespace Smtpy.Mail.Dns;

/// <summary>The questions of RFC 5321 section 5.1: which hosts take a domain's mail, and where they are.</summary>
public interface IMailResolver
{
    /// <summary>MX records; where there are none, the domain itself at preference 0 (implicit MX).</summary>
    Task<MailExchangers> FindExchangersAsync(string domain, CancellationToken cancellationToken);

    /// <summary>A and AAAA records.</summary>
    Task<HostAddresses> FindAddressesAsync(string host, CancellationToken cancellationToken);
}

public enum DnsStatus
{
    Found = 0,

    /// <summary>The name does not exist, or has no record of the kind; asking again will not help soon.</summary>
    NotFound = 1,

    /// <summary>Null MX (RFC 7505): the domain says that it takes no mail.</summary>
    NoMail = 2,

    /// <summary>The resolver failed or was silent; asking again later may help.</summary>
    TemporaryFailure = 3,
}

public readonly record struct MailExchanger(string Host, int Preference);

/// <param name="Hosts">Best first; equal preferences in random order, as RFC 5321 section 5.1 asks, to spread the load.</param>
/// <param name="Reason">What the resolver said, for records; empty when found.</param>
public sealed record MailExchangers(DnsStatus Status, IReadOnlyList<MailExchanger> Hosts, string Reason)
{
    public static MailExchangers None(DnsStatus status, string reason) => new(status, [], reason);

    /// <summary>
    /// Without ourselves and every host of the same or a higher preference number (RFC 5321 section 5.1): handing mail to those would
    /// bring it back. Empty when we are the best host: then the domain is ours by DNS but not by configuration.
    /// </summary>
    public IReadOnlyList<MailExchanger> BetterThan(string ownHostname)
    {
        var own = ownHostname.AsSpan().TrimEnd('.');
        var limit = int.MaxValue;
        foreach (var host in Hosts)
        {
            if (host.Host.AsSpan().TrimEnd('.').Equals(own, StringComparison.OrdinalIgnoreCase))
            {
                limit = Math.Min(limit, host.Preference);
            }
        }

        return limit == int.MaxValue ? Hosts : [.. Hosts.Where(host => host.Preference < limit)];
    }
}

/// <param name="Addresses">IPv4 before IPv6: many receivers judge IPv6 senders harder (reverse DNS, reputation per /64).</param>
public sealed record HostAddresses(DnsStatus Status, IReadOnlyList<IPAddress> Addresses, string Reason);
