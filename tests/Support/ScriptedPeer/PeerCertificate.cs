using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Smtpy.Tests.Support.ScriptedPeer;

/// <summary>A self-signed certificate for "peer.example", made once.</summary>
public static class PeerCertificate
{
    private static readonly Lazy<X509Certificate2> Made = new(Make);

    public static SslServerAuthenticationOptions ServerOptions => new() { ServerCertificate = Made.Value };

    private static X509Certificate2 Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=peer.example", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
