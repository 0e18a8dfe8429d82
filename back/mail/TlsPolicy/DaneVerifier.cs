using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Smtpy.Mail.TlsPolicy;

/// <summary>Whether the certificates a server showed match its TLSA records (RFC 7672 section 3).</summary>
/// <param name="records">The usable ones (<see cref="TlsaAssociation.Usable"/>).</param>
/// <param name="names">For DANE-TA, names of which the certificate must carry one: TLSA base domain, next-hop domain (section 3.2.2).</param>
public sealed class DaneVerifier(IReadOnlyList<TlsaAssociation> records, IReadOnlyList<string> names)
{
    /// <summary>Certificates of a chain that are looked at. 10: real chains have 3; each costs hashes and signatures.</summary>
    public const int MaxCertificates = 10;

    private const X509ChainStatusFlags AboveAnchor =
        X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot
        | X509ChainStatusFlags.RevocationStatusUnknown | X509ChainStatusFlags.OfflineRevocation;

    /// <param name="certificate">The server's own.</param>
    /// <param name="shown">What else it showed.</param>
    public TlsResult Verify(X509Certificate2 certificate, IReadOnlyList<X509Certificate2> shown)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(shown);
        foreach (var record in records)
        {
            // RFC 7672 section 3.1.1: neither the names nor the dates in the certificate count, the record says it all.
            if (record.Usage == TlsaAssociation.EndEntity && record.Matches(certificate))
            {
                return TlsResult.Success;
            }
        }

        var best = TlsResult.ValidationFailure;
        foreach (var record in records.Where(static record => record.Usage == TlsaAssociation.TrustAnchor))
        {
            best = VerifyAnchor(record, certificate, shown);
            if (best == TlsResult.Success)
            {
                break;
            }
        }

        return best;
    }

    private TlsResult VerifyAnchor(TlsaAssociation record, X509Certificate2 certificate, IReadOnlyList<X509Certificate2> shown)
    {
        using var published = Published(record);
        var anchor = published ?? shown.Prepend(certificate).Take(MaxCertificates).FirstOrDefault(record.Matches);
        if (anchor is null)
        {
            return TlsResult.ValidationFailure;
        }

        var chained = Chain(certificate, anchor, shown);
        return chained != TlsResult.Success ? chained
            : names.Any(name => Carries(certificate, name)) ? TlsResult.Success
            : TlsResult.CertificateHostMismatch;
    }

    /// <summary>RFC 7672 section 3.1.2: a whole certificate in the record need not be shown by the server.</summary>
    private static X509Certificate2? Published(TlsaAssociation record)
    {
        if (record is not { Selector: 0, Matching: 0 })
        {
            return null;
        }

        try
        {
            return X509CertificateLoader.LoadCertificate(record.Data.Span);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static TlsResult Chain(X509Certificate2 certificate, X509Certificate2 anchor, IReadOnlyList<X509Certificate2> shown)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(anchor);
        X509Certificate2[] extra = [.. shown.Take(MaxCertificates), anchor];
        chain.ChainPolicy.ExtraStore.AddRange(extra);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;

        // The anchor may be an intermediate one, above which nothing is known; the elements up to it are judged below.
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllowUnknownCertificateAuthority;
        try
        {
            chain.Build(certificate);
        }
        catch (CryptographicException)
        {
            return TlsResult.ValidationFailure;
        }

        foreach (var element in chain.ChainElements)
        {
            var wrong = element.ChainElementStatus.Aggregate(X509ChainStatusFlags.NoError, static (flags, status) => flags | status.Status) & ~AboveAnchor;
            if (wrong != X509ChainStatusFlags.NoError)
            {
                return wrong == X509ChainStatusFlags.NotTimeValid ? TlsResult.CertificateExpired : TlsResult.CertificateNotTrusted;
            }

            if (element.Certificate.RawDataMemory.Span.SequenceEqual(anchor.RawDataMemory.Span))
            {
                return TlsResult.Success;
            }
        }

        return TlsResult.CertificateNotTrusted;
    }

    private static bool Carries(X509Certificate2 certificate, string name)
    {
        try
        {
            return certificate.MatchesHostname(name);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            // Not a host name, or an extension that cannot be read.
            return false;
        }
    }
}
