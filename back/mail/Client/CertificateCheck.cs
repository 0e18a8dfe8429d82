using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Mail.Client;

/// <summary>Judges one server's certificate while the handshake goes on, and remembers what it found.</summary>
/// <param name="name">Name the certificate must carry.</param>
internal sealed class CertificateCheck(SmtpClientOptions options, string name)
{
    private readonly bool _mustVerify = options.Tls is SmtpTls.RequiredVerified or SmtpTls.ImplicitVerified;

    /// <summary>What the certificate is worth, whether or not that matters for the session; null until it was seen.</summary>
    public TlsResult? Result { get; private set; }

    public TlsAuthentication Authentication => Result != TlsResult.Success ? TlsAuthentication.None
        : options.Tlsa.Count > 0 ? TlsAuthentication.Dane
        : options.VerifiedBy;

    /// <summary>The handshake ended because of the certificate.</summary>
    public bool HasRefused => _mustVerify && Result is not null and not TlsResult.Success;

    public PeerReply Refusal => new(451, "4.7.5", $"the certificate of {name} is not accepted: {Describe(Result)}");

    public SslClientAuthenticationOptions Settings => new()
    {
        TargetHost = name,
        RemoteCertificateValidationCallback = Judge,
        CertificateChainPolicy = ChainPolicy(),
        // A session taken up again shows no certificates; what must be verified is verified each time.
        AllowTlsResume = !_mustVerify,
    };

    private X509ChainPolicy ChainPolicy()
    {
        // Nothing is fetched on behalf of a stranger's certificate: a server has to show its chain (RFC 8446 section 4.4.2).
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (options.TrustedRoots is { } roots)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(roots);
        }

        return policy;
    }

    private bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Result = options.Tlsa.Count > 0 ? ByRecords(certificate, chain) : ByAuthority(chain, errors);
        return !HasRefused;
    }

    private TlsResult ByRecords(X509Certificate? certificate, X509Chain? chain)
    {
        if (certificate is not X509Certificate2 own)
        {
            return TlsResult.ValidationFailure;
        }

        string[] names = options.NextHopDomain is { } domain ? [name, domain] : [name];
        return new DaneVerifier(options.Tlsa, names).Verify(own, chain is null ? [] : [.. chain.ChainPolicy.ExtraStore]);
    }

    private static TlsResult ByAuthority(X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return TlsResult.Success;
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return TlsResult.ValidationFailure;
        }

        if (!errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            return TlsResult.CertificateHostMismatch;
        }

        return chain is not null && Array.TrueForAll(chain.ChainStatus, static status => status.Status == X509ChainStatusFlags.NotTimeValid)
            ? TlsResult.CertificateExpired
            : TlsResult.CertificateNotTrusted;
    }

    private string Describe(TlsResult? result) => result switch
    {
        TlsResult.CertificateHostMismatch => "it is for another host",
        TlsResult.CertificateExpired => "it has expired or is not valid yet",
        TlsResult.CertificateNotTrusted => "no trusted authority has signed it",
        _ => options.Tlsa.Count > 0 ? "it does not match the host's TLSA records" : "it cannot be verified",
    };
}
