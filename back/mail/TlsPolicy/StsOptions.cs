using System.Security.Cryptography.X509Certificates;

namespace Smtpy.Mail.TlsPolicy;

/// <summary>Every limit of MTA-STS, each with the reason for its default.</summary>
public sealed record StsOptions
{
    /// <summary>Port of policy servers. 443 (RFC 8461 section 3.3); tests use another.</summary>
    public int Port { get; init; } = 443;

    /// <summary>Time for one policy, from the first packet to the last octet. 60 s: RFC 8461 section 3.3 suggests one minute.</summary>
    public TimeSpan FetchTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Octets of a policy file. 64 KiB: RFC 8461 section 3.3 suggests it.</summary>
    public int MaxPolicyOctets { get; init; } = 64 * 1024;

    /// <summary>
    /// How often the TXT record is looked at while mail goes to the domain. 5 minutes: a domain that has just published or changed
    /// its policy is noticed soon, and a busy domain costs a question now and then, not one for each session.
    /// </summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Wait after a policy could not be fetched. 5 minutes: the least that RFC 8461 section 3.3 has in mind.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Age at which a policy is fetched anew in the background, or half of its max_age where that is less. 1 day: RFC 8461 section 10.2.</summary>
    public TimeSpan RefreshAfter { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Policies of domains that got no mail for so long are left to expire. 30 days.</summary>
    public TimeSpan ForgetUnused { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Policies fetched at once in the background. 4: a slow server must not hold up the others.</summary>
    public int RefreshConcurrency { get; init; } = 4;

    /// <summary>Domains kept in memory, with or without a policy. 10,000: some 5 MB; what falls out is read from the store again.</summary>
    public int CacheEntries { get; init; } = 10_000;

    /// <summary>Authorities trusted for policy servers instead of the system's.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }
}
