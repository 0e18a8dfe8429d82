using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Smtpy.Mail.Encryption;
using Smtpy.Tests.Support.Processes;
using Xunit;

namespace Smtpy.Mail.Tests.Encryption;

public sealed class CertificateTests
{
    private static readonly DateTimeOffset Now = new(2031, 5, 6, 7, 8, 9, TimeSpan.Zero);

    [Theory]
    [InlineData("rsa2048", "RSA 2048")]
    [InlineData("P-256", "ECDH 256 bits")]
    public void A_usable_certificate_is_read_as_DER_and_as_PEM(string algorithm, string name)
    {
        using var certificate = TestCertificate.Make(algorithm, Now);
        foreach (var octets in new[] { certificate.RawData, Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()) })
        {
            var result = RecipientKeyReader.Read(octets, Now);
            Assert.True(result.IsUsable, result.Reason);
            Assert.Equal(RecipientKeyKind.Certificate, result.Key.Kind);
            Assert.Equal(name, result.Key.Algorithm);
            Assert.Equal(certificate.GetCertHashString(HashAlgorithmName.SHA256), result.Key.Fingerprint);
            Assert.Equal(["rita@recipient.example", "CN=Rita"], result.Key.UserIds);
            Assert.Equal(Now.AddDays(10), result.Key.ExpiresAt);
            Assert.Equal(certificate.RawData, result.Key.Octets.ToArray());
        }
    }

    [Theory]
    [InlineData("rsa1024", X509KeyUsageFlags.KeyEncipherment, 0, KeyFault.Weak)]
    [InlineData("rsa2048", X509KeyUsageFlags.DigitalSignature, 0, KeyFault.CannotEncrypt)]
    [InlineData("rsa2048", X509KeyUsageFlags.KeyAgreement, 0, KeyFault.CannotEncrypt)]
    [InlineData("P-256", X509KeyUsageFlags.DigitalSignature, 0, KeyFault.CannotEncrypt)]
    [InlineData("rsa2048", X509KeyUsageFlags.KeyEncipherment, 10, KeyFault.Expired)]
    [InlineData("rsa2048", X509KeyUsageFlags.KeyEncipherment, -20, KeyFault.NotYetValid)]
    public void A_certificate_that_cannot_be_used_is_refused_in_a_sentence(
        string algorithm, X509KeyUsageFlags usage, int days, KeyFault fault)
    {
        using var certificate = TestCertificate.Make(algorithm, Now, usage);
        var result = RecipientKeyReader.Read(certificate.RawData, Now.AddDays(days));
        Assert.Equal(fault, result.Fault);
        Assert.EndsWith(".", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_curve_described_by_numbers_is_refused_before_it_is_calculated_with()
    {
        using var folder = new TemporaryFolder();
        var (key, file) = (Path.Combine(folder.Path, "key"), Path.Combine(folder.Path, "certificate"));
        (await ChildProcess.RunAsync(
        [
            "openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", "ec_param_enc:explicit",
            "-subj", "/CN=Rita", "-keyout", key, "-out", file,
        ])).MustSucceed();
        var result = RecipientKeyReader.Read(await File.ReadAllBytesAsync(file), TimeProvider.System.GetUtcNow());
        Assert.Equal(KeyFault.Unsupported, result.Fault);
    }

    [Fact]
    public void Private_keys_are_refused_whatever_they_are_wrapped_in()
    {
        using var certificate = TestCertificate.Make("rsa2048", Now);
        using var key = certificate.GetRSAPrivateKey()!;
        using var elliptic = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[][] files =
        [
            certificate.Export(X509ContentType.Pkcs12),
            key.ExportPkcs8PrivateKey(),
            key.ExportRSAPrivateKey(),
            elliptic.ExportECPrivateKey(),
            Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()),
            Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n" + key.ExportRSAPrivateKeyPem()),
        ];
        Assert.All(files, static file => Assert.Equal(KeyFault.PrivateKey, RecipientKeyReader.Read(file, Now).Fault));
    }

    [Fact]
    public void Of_a_chain_the_one_that_is_no_authority_is_taken()
    {
        using var certificate = TestCertificate.Make("rsa2048", Now);
        using var authority = TestCertificate.Make("P-256", Now, authority: true);
        var chain = Encoding.ASCII.GetBytes(authority.ExportCertificatePem() + "\n" + certificate.ExportCertificatePem() + "\n");
        Assert.Equal(certificate.RawData, RecipientKeyReader.Read(chain, Now).Key?.Octets.ToArray());

        var twice = Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n" + certificate.ExportCertificatePem());
        Assert.Equal(KeyFault.SeveralKeys, RecipientKeyReader.Read(twice, Now).Fault);
        var many = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(authority.ExportCertificatePem() + "\n", 100)));
        Assert.Equal(KeyFault.SeveralKeys, RecipientKeyReader.Read(many, Now).Fault);
    }

    [Fact]
    public void Octets_that_are_cut_or_changed_never_break_the_reader()
    {
        using var certificate = TestCertificate.Make("P-256", Now);
        for (var position = 0; position < certificate.RawData.Length; position++)
        {
            Assert.False(RecipientKeyReader.Read(certificate.RawData.AsSpan(0, position), Now).IsUsable);
            foreach (var mask in new byte[] { 0x01, 0x80, 0xFF })
            {
                var changed = certificate.RawData.ToArray();
                changed[position] ^= mask;
                var result = RecipientKeyReader.Read(changed, Now);
                Assert.True(result.IsUsable ^ result.Reason is not null);
            }
        }
    }
}
