using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Smtpy.Mail.Tls;

/// <summary>
/// Makes a certificate for opportunistic TLS between mail servers, where most senders check nothing (RFC 7435), so that
/// mail is encrypted from the first start on.
/// </summary>
public static class SelfSignedCertificate
{
    private const int YearsValid = 10;

    /// <summary>Writes an ECDSA P-256 key (file mode 0600) and a certificate for the host name. Files that exist are replaced.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be written.</exception>
    public static void Create(
        string hostname, string certificatePath, string keyPath, TimeProvider time,
        IReadOnlyCollection<string>? otherNames = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        // The name goes into the subject as it is: the builder quotes what needs quoting.
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(hostname);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(hostname);
        foreach (var name in (otherNames ?? []).Where(name => Uri.CheckHostName(name) == UriHostNameType.Dns && name != hostname))
        {
            names.AddDnsName(name);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));

        // A day back: the peer's clock may be behind ours.
        var now = time.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(YearsValid));
        WriteKey(keyPath, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(certificatePath, certificate.ExportCertificatePem() + "\n");
    }

    private static void WriteKey(string path, string pem)
    {
        // A new file, so that the mode holds from its first octet on.
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(path, options);
        writer.WriteLine(pem);
    }
}
