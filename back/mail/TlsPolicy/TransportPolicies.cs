using Smtpy.Mail.Addresses;
using Smtpy.Mail.Client;
using Smtpy.Mail.Dns;

namespace Smtpy.Mail.TlsPolicy;

/// <summary>
/// What MTA-STS (RFC 8461), DANE (RFC 7672) and the message itself (RFC 8689) ask of the way to a domain's mail servers. DANE
/// decides where a host has TLSA records (RFC 8461 section 2); else MTA-STS does.
/// </summary>
/// <param name="sts">Null: MTA-STS is off.</param>
/// <param name="dane">Null: DANE is off.</param>
public sealed class TransportPolicies(StsPolicies? sts, IDaneResolver? dane, TlsReports reports)
{
    /// <summary>What is to know about a domain before its hosts are tried.</summary>
    /// <param name="domain">The recipient's.</param>
    public async Task<DomainTls> FindAsync(string domain, TlsDemand demand, CancellationToken cancellationToken)
    {
        if (demand == TlsDemand.Optional)
        {
            return new DomainTls(domain, default, SecureExchangers.Insecure);
        }

        var exchangers = dane is { IsTrusted: true }
            ? await dane.FindSecureExchangersAsync(domain, cancellationToken)
            : SecureExchangers.Insecure;
        return new DomainTls(domain, sts is null ? default : await sts.FindAsync(domain, cancellationToken), exchangers);
    }

    /// <summary>How one of the domain's hosts may be spoken to.</summary>
    /// <param name="options">Of a connection without any policy.</param>
    public async Task<HostTls> JudgeAsync(
        DomainTls domain, string host, int port, TlsDemand demand, SmtpClientOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(domain);
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(options);
        if (demand == TlsDemand.Optional)
        {
            return new HostTls { Domain = domain.Domain, Host = host, Options = options };
        }

        var tlsa = dane is not null && domain.Exchangers.Status == DnsStatus.Found
            ? await dane.FindTlsaAsync(host, port, cancellationToken)
            : TlsaAnswer.None(host);
        var judged = tlsa.Status switch
        {
            DnsStatus.TemporaryFailure => Refused(ByDane(domain, host, tlsa), TlsResult.DnssecInvalid, $"the TLSA records of {host} cannot be looked up: {tlsa.Reason}"),
            DnsStatus.Found when TlsaAssociation.Usable(tlsa.Records) is { Count: > 0 } usable => ByDane(domain, host, tlsa) with
            {
                Options = options with
                {
                    Tls = SmtpTls.RequiredVerified,
                    Tlsa = usable,
                    CertificateName = tlsa.BaseDomain,
                    NextHopDomain = domain.Domain,
                    VerifiedBy = TlsAuthentication.Dane,
                },
            },
            // RFC 7672 section 2.2: records of which none can be used still say that the host speaks TLS.
            DnsStatus.Found => BySts(domain, host, options with { Tls = SmtpTls.Required }, ByDane(domain, host, tlsa) with { Verdict = TlsResult.TlsaInvalid }),
            _ => BySts(domain, host, options, new HostTls { Domain = domain.Domain, Host = host }),
        };
        return demand == TlsDemand.Required ? Strictly(domain, judged, options) : judged;
    }

    /// <summary>Counts a session for reports and metrics; one that never came to TLS says nothing.</summary>
    /// <param name="address">IP address of the host.</param>
    public void Count(HostTls host, string address, TlsResult? tls)
    {
        ArgumentNullException.ThrowIfNull(host);
        if ((host.Verdict ?? tls) is { } result)
        {
            reports.Count(new TlsSession(host.PolicyDomain ?? host.Domain, host.Type, result, host.Host, address, host.PolicyText, host.PolicyHosts));
        }
    }

    /// <summary>Refuses a REQUIRETLS message for good: nothing says that the host is the domain's.</summary>
    public static HostTls Unvouched(string domain, string host) => new()
    {
        Domain = domain,
        Host = host,
        IsPermanent = true,
        Refusal = new PeerReply(
            550, "5.7.30", $"the sender requires verified TLS, and neither DNSSEC nor MTA-STS says that {host} is a mail server of {domain}"),
    };

    private static HostTls ByDane(DomainTls domain, string host, TlsaAnswer tlsa) => new()
    {
        Domain = domain.Domain,
        Host = host,
        Type = TlsPolicyType.Tlsa,
        PolicyDomain = tlsa.BaseDomain,
        PolicyText = [.. tlsa.Records.Select(static record => record.ToString())],
    };

    private static HostTls BySts(DomainTls domain, string host, SmtpClientOptions options, HostTls without)
    {
        if (domain.Sts.Policy is not { Mode: not StsMode.None } policy)
        {
            return domain.Sts.Problem is { } problem && without.Type == TlsPolicyType.NoPolicyFound
                ? without with { Options = options, Type = TlsPolicyType.Sts, Verdict = problem }
                : without with { Options = options };
        }

        var names = policy.Names(host);
        var found = new HostTls
        {
            Domain = domain.Domain,
            Host = host,
            Type = TlsPolicyType.Sts,
            PolicyText = policy.Lines,
            PolicyHosts = policy.Patterns,
            Verdict = names ? null : TlsResult.ValidationFailure,
            Options = names ? options with { VerifiedBy = TlsAuthentication.MtaSts } : options,
        };
        return policy.Mode == StsMode.Testing ? found
            : names ? found with { Options = found.Options! with { Tls = SmtpTls.RequiredVerified } }
            : Refused(found, TlsResult.ValidationFailure, $"the MTA-STS policy of {domain.Domain} does not name {host} as its mail server");
    }

    /// <summary>
    /// RFC 8689 section 4.2.1: the host's name must itself be vouched for, by DNSSEC or by an MTA-STS policy, and the host by its
    /// certificate.
    /// </summary>
    private static HostTls Strictly(DomainTls domain, HostTls host, SmtpClientOptions options)
    {
        if (host.Options is null or { Tls: SmtpTls.RequiredVerified })
        {
            return host;
        }

        var bySts = domain.Sts.Policy is { Mode: not StsMode.None } policy && policy.Names(host.Host);
        return bySts || domain.Vouches(host.Host)
            ? host with { Options = options with { Tls = SmtpTls.RequiredVerified, VerifiedBy = bySts ? TlsAuthentication.MtaSts : TlsAuthentication.Pkix } }
            : host with { Options = null, IsPermanent = true, Refusal = Unvouched(domain.Domain, host.Host).Refusal };
    }

    private static HostTls Refused(HostTls host, TlsResult verdict, string reason) =>
        host with { Options = null, Verdict = verdict, Refusal = new PeerReply(451, "4.7.5", reason) };
}

/// <param name="Exchangers">With status TemporaryFailure, no host may be tried: an attacker may be hiding the policy.</param>
public sealed record DomainTls(string Domain, StsFinding Sts, SecureExchangers Exchangers)
{
    /// <summary>DNSSEC says that the host is one of the domain's mail servers.</summary>
    public bool Vouches(string host) => DomainName.TryNormalize(host.TrimEnd('.'), out var name) && Exchangers.Hosts.Contains(name);
}

/// <summary>What holds for one host.</summary>
public sealed record HostTls
{
    public required string Domain { get; init; }

    public required string Host { get; init; }

    /// <summary>How to connect; null: not at all, see <see cref="Refusal"/>.</summary>
    public SmtpClientOptions? Options { get; init; }

    public PeerReply Refusal { get; init; }

    /// <summary>The refusal holds for this message for good.</summary>
    public bool IsPermanent { get; init; }

    /// <summary>The result to report whatever the session brings; null: the session's own.</summary>
    public TlsResult? Verdict { get; init; }

    public TlsPolicyType Type { get; init; }

    /// <summary>Where it is not <see cref="Domain"/>.</summary>
    public string? PolicyDomain { get; init; }

    public IReadOnlyList<string> PolicyText { get; init; } = [];

    public IReadOnlyList<string> PolicyHosts { get; init; } = [];
}
