using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Smtpy.Mail.Tests.Encryption;

/// <summary>A self-signed certificate with its private key, made for one test.</summary>
internal static class TestCertificate
{
    // .NET lets no key sign its own certificate without the first of these.
    private const X509KeyUsageFlags EllipticUsage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyAgreement;

    /// <param name="algorithm">"rsa2048" and the like, or "P-256".</param>
    /// <param name="usage">What fits the algorithm when not given.</param>
    public static X509Certificate2 Make(string algorithm, DateTimeOffset now, X509KeyUsageFlags? usage = null, bool authority = false)
    {
        var isRsa = algorithm.StartsWith("rsa", StringComparison.Ordinal);
        using var rsa = isRsa ? RSA.Create(int.Parse(algorithm.AsSpan(3))) : null;
        using var elliptic = isRsa ? null : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = rsa is not null
            ? new CertificateRequest("CN=Rita", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest("CN=Rita", elliptic!, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddEmailAddress("rita@recipient.example");
        request.CertificateExtensions.Add(names.Build());
        var fitting = isRsa ? X509KeyUsageFlags.KeyEncipherment : EllipticUsage;
        request.CertificateExtensions.Add(new X509KeyUsageExtension(usage ?? fitting, critical: true));
        if (authority)
        {
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        }

        return request.CreateSelfSigned(now.AddDays(-10), now.AddDays(10));
    }
}
