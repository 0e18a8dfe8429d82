using System.Text;
using Smtpy.Mail.Encryption;
using Xunit;

namespace Smtpy.Mail.Tests.Encryption;

/// <summary>What <see cref="MessageEncryptor"/> makes with an OpenPGP key, read by GnuPG.</summary>
[Collection(nameof(OpenPgpKeys))]
public sealed class PgpMimeTests(OpenPgpFixture keys)
{
    private readonly MessageEncryptor _encryptor = new(TimeProvider.System);

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var key in new[] { "rsa", "curve25519", "nist", "endless" })
        {
            foreach (var shape in SampleMessages.Names)
            {
                cases.Add(key, shape);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task GnuPG_reads_the_original_entity_octet_for_octet(string key, string shape)
    {
        var sample = SampleMessages.Get(shape);
        var result = Encrypt(sample.Message, await keys.KeyAsync(key), protectSubject: false);
        Assert.Equal(EncryptionStatus.Encrypted, result.Status);
        var (octets, status) = await keys.Gpg.DecryptAsync(OpenPgpFixture.Text(result.Message));
        Assert.Equal(sample.Entity, octets);
        Assert.Contains("[GNUPG:] GOODMDC", status, StringComparison.Ordinal);
        Assert.Contains("[GNUPG:] DECRYPTION_INFO 2 9 ", status, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_message_has_the_structure_of_RFC_3156_and_keeps_other_fields_outside()
    {
        var result = Encrypt(SampleMessages.Get("attachment").Message, await keys.KeyAsync("rsa"), protectSubject: false);
        var text = OpenPgpFixture.Text(result.Message);
        Assert.StartsWith(
            "Received: by x\r\n\tfor <a@b.example>\r\nSubject: Gr\u00c3\u00bc\u00c3\u009fe\r\nFrom: Jane <jane@sender.example>\r\nTo: rita@recipient.example\r\n" +
            "Date: Tue, 06 May 2031 07:08:09 +0000\r\nMessage-ID: <1@sender.example>\r\nMIME-Version: 1.0\r\n" +
            "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\";\r\n\tboundary=\"", text, StringComparison.Ordinal);
        Assert.All(text.Split("\r\n"), static line => Assert.True(line.Length <= 78 && !line.Contains('\n') && !line.Contains('\r')));

        using var message = await MimeKit.MimeMessage.LoadAsync(new MemoryStream(result.Message.ToArray()));
        var encrypted = Assert.IsType<MimeKit.Cryptography.MultipartEncrypted>(message.Body);
        Assert.Equal(2, encrypted.Count);
        Assert.Equal("application/pgp-encrypted", encrypted[0].ContentType.MimeType);
        Assert.Equal("Version: 1", Content(encrypted[0]).Trim());
        Assert.Equal("application/octet-stream", encrypted[1].ContentType.MimeType);
        Assert.StartsWith("-----BEGIN PGP MESSAGE-----\r\n\r\n", Content(encrypted[1]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_protected_subject_is_inside_only()
    {
        var result = Encrypt(SampleMessages.Get("attachment").Message, await keys.KeyAsync("curve25519"), protectSubject: true);
        var text = OpenPgpFixture.Text(result.Message);
        Assert.Contains("\r\nSubject: ...\r\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Gr\u00c3", text, StringComparison.Ordinal);
        Assert.Contains("\r\nFrom: Jane <jane@sender.example>\r\n", text, StringComparison.Ordinal);

        var inner = OpenPgpFixture.Text((await keys.Gpg.DecryptAsync(text)).Octets);
        Assert.StartsWith(
            "Subject: Gr\u00c3\u00bc\u00c3\u009fe\r\nHP-Outer: Subject: ...\r\n" +
            "From: Jane <jane@sender.example>\r\nHP-Outer: From: Jane <jane@sender.example>\r\n" +
            "Content-Type: multipart/mixed; boundary=b1;\r\n\tprotected-headers=\"v1\"; hp=\"cipher\"\r\n" +
            "To: rita@recipient.example\r\nHP-Outer: To: rita@recipient.example\r\n" +
            "Date: Tue, 06 May 2031 07:08:09 +0000\r\nHP-Outer: Date: Tue, 06 May 2031 07:08:09 +0000\r\n" +
            "Message-ID: <1@sender.example>\r\nHP-Outer: Message-ID: <1@sender.example>\r\n\r\n", inner, StringComparison.Ordinal);
        Assert.EndsWith(OpenPgpFixture.Text(SampleMessages.Get("attachment").Body), inner, StringComparison.Ordinal);
        var parsed = await MimeKit.MimeEntity.LoadAsync(new MemoryStream(Encoding.Latin1.GetBytes(inner)));
        Assert.Equal("v1", parsed.ContentType.Parameters["protected-headers"]);
        Assert.Equal("cipher", parsed.ContentType.Parameters["hp"]);
    }

    [Fact]
    public async Task Fields_that_repeat_the_subject_move_inside_with_it()
    {
        var message = "Subject: plans\r\nsubject: plans again\r\nThread-Topic: plans\r\nKeywords: plans\r\nComments: plans\r\n\r\ntext\r\n"u8.ToArray();
        var text = OpenPgpFixture.Text(Encrypt(message, await keys.KeyAsync("rsa"), protectSubject: true).Message);
        Assert.StartsWith("Subject: ...\r\nMIME-Version: 1.0\r\nContent-Type: ", text, StringComparison.Ordinal);
        var inner = OpenPgpFixture.Text((await keys.Gpg.DecryptAsync(text)).Octets);
        Assert.Equal(
            "Subject: plans\r\nHP-Outer: Subject: ...\r\nsubject: plans again\r\nHP-Outer: Subject: ...\r\n" +
            "Thread-Topic: plans\r\nKeywords: plans\r\nComments: plans\r\n" +
            "Content-Type: text/plain;\r\n\tprotected-headers=\"v1\"; hp=\"cipher\"\r\n\r\ntext\r\n", inner);
    }

    [Fact]
    public async Task Nothing_of_the_time_or_the_program_is_told()
    {
        var text = OpenPgpFixture.Text(Encrypt("Subject: x\r\n\r\ny\r\n"u8.ToArray(), await keys.KeyAsync("rsa"), protectSubject: false).Message);
        Assert.DoesNotContain("Version: B", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Comment:", text, StringComparison.Ordinal);
        var packets = await keys.Gpg.ListPacketsAsync(text);
        Assert.Contains("created 0, name=\"\"", packets, StringComparison.Ordinal);
        Assert.DoesNotContain(":compressed packet:", packets, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Threads_may_share_a_key_and_an_encryptor()
    {
        var key = await keys.KeyAsync("nist");
        var messages = await Task.WhenAll(Enumerable.Range(0, 16).Select(number => Task.Run(() =>
            Encrypt(Encoding.ASCII.GetBytes($"Subject: x\r\nContent-Type: text/plain\r\n\r\nnumber {number}\r\n"), key, protectSubject: false))));
        foreach (var (number, result) in messages.Index())
        {
            var inner = OpenPgpFixture.Text((await keys.Gpg.DecryptAsync(OpenPgpFixture.Text(result.Message))).Octets);
            Assert.Equal($"Content-Type: text/plain\r\n\r\nnumber {number}\r\n", inner);
        }
    }

    private static string Content(MimeKit.MimeEntity entity)
    {
        var content = new MemoryStream();
        ((MimeKit.MimePart)entity).Content!.DecodeTo(content);
        return Encoding.ASCII.GetString(content.ToArray());
    }

    private EncryptionResult Encrypt(byte[] message, RecipientKey key, bool protectSubject) =>
        _encryptor.Encrypt(message, key, protectSubject, TestContext.Current.CancellationToken);
}
