using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Mail.Dns;

/// <summary>The questions of DANE (RFC 7672 section 2), whose answers count only when DNSSEC vouches for them.</summary>
public interface IDaneResolver
{
    /// <summary>
    /// False where the resolver's word that it has validated an answer cannot be trusted, because it comes over a network: then there is
    /// no DANE, and every answer is "insecure" (RFC 7672 section 2.2).
    /// </summary>
    bool IsTrusted { get; }

    /// <summary>Which hosts take the domain's mail, if DNSSEC says so.</summary>
    Task<SecureExchangers> FindSecureExchangersAsync(string domain, CancellationToken cancellationToken);

    /// <summary>The TLSA records of a mail server of a domain whose MX records are secure.</summary>
    Task<TlsaAnswer> FindTlsaAsync(string host, int port, CancellationToken cancellationToken);
}

/// <param name="Status">Found, NotFound for an insecure answer, or TemporaryFailure.</param>
/// <param name="Hosts">Lower case, without final dot; the domain itself where it has no MX record.</param>
public sealed record SecureExchangers(DnsStatus Status, IReadOnlySet<string> Hosts, string Reason)
{
    public static readonly SecureExchangers Insecure = new(DnsStatus.NotFound, new HashSet<string>(StringComparer.Ordinal), "");
}

/// <param name="Status">Found; NotFound where there are none or DNSSEC does not vouch for them; or TemporaryFailure: then the host must not be
/// used now (RFC 7672 section 2.1.2).</param>
/// <param name="BaseDomain">Name the records are for: the host, or the name its address was found under (RFC 7672 section 2.2.2).</param>
/// <param name="Records">Usable or not.</param>
public sealed record TlsaAnswer(DnsStatus Status, string BaseDomain, IReadOnlyList<TlsaAssociation> Records, string Reason)
{
    public static TlsaAnswer None(string host) => new(DnsStatus.NotFound, host, [], "");

    public static TlsaAnswer Failed(string host, string reason) => new(DnsStatus.TemporaryFailure, host, [], reason);
}
