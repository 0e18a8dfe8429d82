using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Smtpy.Mail.Encryption;
using Smtpy.Tests.Support.Processes;
using Xunit;

namespace Smtpy.Mail.Tests.Encryption;

/// <summary>What <see cref="MessageEncryptor"/> makes with a certificate, read by OpenSSL.</summary>
public sealed class SMimeTests : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly TemporaryFolder _folder = new();
    private readonly MessageEncryptor _encryptor = new(TimeProvider.System);

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var shape in SampleMessages.Names)
        {
            cases.Add("rsa2048", shape);
            cases.Add("P-256", shape);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task OpenSSL_reads_the_original_entity_octet_for_octet(string algorithm, string shape)
    {
        using var certificate = TestCertificate.Make(algorithm, Now);
        var sample = SampleMessages.Get(shape);
        var encrypted = Encrypt(sample.Message, certificate, protectSubject: false);
        Assert.Equal(sample.Entity, await DecryptAsync("cms", encrypted, certificate));
        if (algorithm == "rsa2048")
        {
            Assert.Equal(sample.Entity, await DecryptAsync("smime", encrypted, certificate));
        }
    }

    [Fact]
    public async Task The_message_says_what_it_is_and_is_AES_256()
    {
        using var certificate = TestCertificate.Make("rsa2048", Now);
        var encrypted = Encrypt(SampleMessages.Get("attachment").Message, certificate, protectSubject: false);
        var text = OpenPgpFixture.Text(encrypted);
        Assert.Contains(
            "MIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data;\r\n\tname=\"smime.p7m\"\r\n" +
            "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"smime.p7m\"\r\n\r\n", text, StringComparison.Ordinal);
        Assert.All(text.Split("\r\n"), static line => Assert.True(line.Length <= 78 && !line.Contains('\n')));
        var file = await WriteAsync("message", encrypted.ToArray());
        var structure = (await ChildProcess.RunAsync(["openssl", "cms", "-cmsout", "-print", "-noout", "-in", file])).MustSucceed();
        Assert.Contains("pkcs7-envelopedData", structure, StringComparison.Ordinal);
        Assert.Contains("aes-256-cbc", structure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_protected_subject_is_inside_only()
    {
        using var certificate = TestCertificate.Make("rsa2048", Now);
        var encrypted = Encrypt(SampleMessages.Get("untyped").Message, certificate, protectSubject: true);
        Assert.Contains("\r\nSubject: ...\r\n", OpenPgpFixture.Text(encrypted), StringComparison.Ordinal);
        Assert.DoesNotContain("Gr\u00c3", OpenPgpFixture.Text(encrypted), StringComparison.Ordinal);
        var inner = OpenPgpFixture.Text(await DecryptAsync("cms", encrypted, certificate));
        Assert.StartsWith("Subject: Gr\u00c3\u00bc\u00c3\u009fe\r\nHP-Outer: Subject: ...\r\nFrom: ", inner, StringComparison.Ordinal);
        Assert.EndsWith("Content-Type: text/plain;\r\n\tprotected-headers=\"v1\"; hp=\"cipher\"\r\n\r\njust text\r\n", inner, StringComparison.Ordinal);
    }

    private ReadOnlyMemory<byte> Encrypt(byte[] message, X509Certificate2 certificate, bool protectSubject)
    {
        var key = RecipientKeyReader.Read(certificate.RawData, Now).Key!;
        var result = _encryptor.Encrypt(message, key, protectSubject, TestContext.Current.CancellationToken);
        Assert.Equal(EncryptionStatus.Encrypted, result.Status);
        return result.Message;
    }

    private async Task<byte[]> DecryptAsync(string command, ReadOnlyMemory<byte> message, X509Certificate2 certificate)
    {
        using AsymmetricAlgorithm key = certificate.GetRSAPrivateKey() ?? (AsymmetricAlgorithm)certificate.GetECDsaPrivateKey()!;
        var input = await WriteAsync("message", message.ToArray());
        var keyFile = await WriteAsync("key", System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
        var certificateFile = await WriteAsync("certificate", System.Text.Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()));
        var output = Path.Combine(_folder.Path, "out");
        (await ChildProcess.RunAsync(
            ["openssl", command, "-decrypt", "-binary", "-in", input, "-inkey", keyFile, "-recip", certificateFile, "-out", output])).MustSucceed();
        return await File.ReadAllBytesAsync(output);
    }

    private async Task<string> WriteAsync(string name, byte[] octets)
    {
        var path = Path.Combine(_folder.Path, name);
        await File.WriteAllBytesAsync(path, octets);
        return path;
    }
}
