using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Smtpy.Mail.Tests.Server;

/// <summary>A server certificate signed by an intermediate authority that is signed by a root.</summary>
internal static class ChainedCertificate
{
    /// <summary>Writes leaf and intermediate to one PEM file, the leaf's key to the other.</summary>
    /// <returns>The intermediate's thumbprint.</returns>
    public static string Write(string certificatePath, string keyPath)
    {
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var root = Request("CN=Test Root", rootKey, isAuthority: true).CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        using var middle = Request("CN=Test Intermediate", middleKey, isAuthority: true)
            .Create(root, now.AddDays(-1), now.AddDays(29), [1]);
        using var signing = middle.CopyWithPrivateKey(middleKey);
        using var leaf = Request("CN=mx.test", leafKey, isAuthority: false).Create(signing, now.AddDays(-1), now.AddDays(28), [2]);
        File.WriteAllText(certificatePath, $"{leaf.ExportCertificatePem()}\n{middle.ExportCertificatePem()}\n");
        File.WriteAllText(keyPath, leafKey.ExportPkcs8PrivateKeyPem());
        return middle.Thumbprint;
    }

    private static CertificateRequest Request(string name, ECDsa key, bool isAuthority)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, critical: true));
        return request;
    }
}
