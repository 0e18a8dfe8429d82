using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Smtpy.Tests.Support.ScriptedPeer;

/// <summary>A certificate authority: a root, one below it that signs, and what that one has signed.</summary>
public sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset Begin = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private int _serial;

    public TestAuthority(string name = "Test")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Authority($"CN={name} Root", key);
        Root = request.CreateSelfSigned(Begin, End);
        using var below = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var signed = Authority($"CN={name} Intermediate", below).Create(Root, Begin, End.AddDays(-1), Serial());
        Intermediate = signed.CopyWithPrivateKey(below);
    }

    public X509Certificate2 Root { get; }

    public X509Certificate2 Intermediate { get; }

    /// <summary>What a client that trusts this authority is given.</summary>
    public X509Certificate2Collection Trusted => [X509CertificateLoader.LoadCertificate(Root.RawData)];

    /// <param name="expired">Its time was over in 2021.</param>
    public X509Certificate2 Issue(string name, bool expired = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Intermediate, true, false));
        using var signed = request.Create(Intermediate, Begin, expired ? Begin.AddYears(1) : End.AddDays(-2), Serial());
        using var whole = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>How a server shows this certificate: with the one that signed it, without the root.</summary>
    public SslServerAuthenticationOptions Shown(X509Certificate2 certificate) => new()
    {
        ServerCertificateContext = SslStreamCertificateContext.Create(certificate, [Intermediate], offline: true),
    };

    public SslServerAuthenticationOptions Server(string name, bool expired = false) => Shown(Issue(name, expired));

    public void Dispose()
    {
        Root.Dispose();
        Intermediate.Dispose();
    }

    private static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }

    private byte[] Serial() => [1, (byte)++_serial];
}
