using System.Runtime.InteropServices;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Smtpy.Mail.Encryption;
using Xunit;

namespace Smtpy.Mail.Tests.Encryption;

public sealed class MessageEncryptorTests
{
    private static readonly DateTimeOffset Now = new(2031, 5, 6, 7, 8, 9, TimeSpan.Zero);

    private readonly RecipientKey _key = MakeKey();

    [Theory]
    [InlineData("Content-Type: multipart/encrypted; boundary=x\r\n\r\n--x--\r\n", true)]
    [InlineData("content-type:\r\n Multipart/Encrypted;boundary=x\r\n\r\n", true)]
    [InlineData("Content-Type: multipart/signed; boundary=x\r\n\r\n", false)]
    [InlineData("Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\nMIIB", true)]
    [InlineData("Content-Type: application/x-pkcs7-mime; name=smime.p7m; smime-type=authEnveloped-data\r\n\r\nMIIB", true)]
    [InlineData("Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n\r\nMIIB", false)]
    [InlineData("Content-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\nMIIBBgYJKoZIhvcNAQcD\r\noIAA", true)]
    [InlineData("Content-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\nMIIBBgYJKoZIhvcNAQcC\r\noIAA", false)]
    [InlineData("Subject: x\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nAAAA\r\n-----END PGP MESSAGE-----\r\n\r\n", true)]
    [InlineData("Content-Type: text/plain; charset=utf-8\r\n\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nAAAA\r\n-----END PGP MESSAGE-----", true)]
    [InlineData("Subject: x\r\n\r\nsee:\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nAAAA\r\n-----END PGP MESSAGE-----\r\n", false)]
    [InlineData("Subject: x\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nAAAA\r\n-----END PGP MESSAGE-----\r\nin clear\r\n", false)]
    [InlineData("Subject: x\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n-----END PGP MESSAGE-----\r\nclear\r\n-----END PGP MESSAGE-----\r\n", false)]
    [InlineData("Content-Type: text/html\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nAAAA\r\n-----END PGP MESSAGE-----\r\n", false)]
    [InlineData("", false)]
    public void What_the_sender_encrypted_is_left_as_it_is(string text, bool encrypted)
    {
        var message = Encoding.ASCII.GetBytes(text);
        var result = Encrypt(message);
        Assert.Equal(encrypted ? EncryptionStatus.AlreadyEncrypted : EncryptionStatus.Encrypted, result.Status);
        Assert.Equal(encrypted, message.AsSpan().SequenceEqual(result.Message.Span));
    }

    [Fact]
    public void A_key_that_has_expired_since_it_was_read_gives_no_message()
    {
        var time = new FixedTime(Now.AddDays(10));
        var result = new MessageEncryptor(time).Encrypt("Subject: x\r\n\r\ny"u8.ToArray(), _key, protectSubject: false, default);
        AssertFailed(EncryptionFault.KeyExpired, result);
        Assert.Equal("The recipient's key expired on 2031-05-16.", result.Reason);
    }

    [Fact]
    public void A_message_beyond_the_limit_gives_no_message() =>
        AssertFailed(EncryptionFault.TooLarge, Encrypt(new byte[101], new EncryptionOptions { MaxMessageOctets = 100 }));

    [Theory]
    [InlineData("Subject: x\r\nin clear to some readers\r\n\r\ny")]
    [InlineData("in clear to some readers\r\nSubject: x\r\n\r\ny")]
    [InlineData(" in clear\r\n\r\ny")]
    [InlineData("From x Mon Jan 1\r\nFrom y Mon Jan 1\r\n\r\ny")]
    public void A_header_line_that_is_no_field_gives_no_message(string message) =>
        AssertFailed(EncryptionFault.Malformed, Encrypt(Encoding.ASCII.GetBytes(message)));

    [Fact]
    public void The_first_line_of_a_mailbox_file_is_let_pass()
    {
        var result = Encrypt("From x Mon Jan 1\r\nSubject: x\r\n\r\ny"u8.ToArray());
        Assert.StartsWith("From x Mon Jan 1\r\nSubject: x\r\nMIME-Version: 1.0\r\n", OpenPgpFixture.Text(result.Message), StringComparison.Ordinal);
    }

    [Fact]
    public void Cancelling_ends_it_without_a_message() =>
        Assert.Throws<OperationCanceledException>(() => new MessageEncryptor(new FixedTime(Now)).Encrypt(
            "Subject: x\r\n\r\ny"u8.ToArray(), _key, protectSubject: false, new CancellationToken(canceled: true)));

    [Fact]
    public void The_result_is_allocated_once_at_its_size()
    {
        var message = new byte[8 * 1024 * 1024];
        "Subject: x\r\n\r\n"u8.CopyTo(message);
        var result = Encrypt(message);
        Assert.True(MemoryMarshal.TryGetArray(result.Message, out var buffer));
        Assert.InRange(buffer.Array!.Length, result.Message.Length, result.Message.Length * 1.01);
    }

    [Fact]
    public void No_message_breaks_it_and_nothing_of_a_body_is_ever_outside()
    {
        var pieces = Gen.Elements(
            "Subject: x\r\n", "Content-Type: text/plain\r\n", "content-type :\r\n x\r\n", ": x\r\n", "x\r\n", " \r\n", "\r\n", "\n", "\0", "From x\r\n",
            "-----BEGIN PGP MESSAGE-----", "Content-Type: application/pkcs7-mime\r\n");
        Prop.ForAll(pieces.ListOf().Select(string.Concat).ToArbitrary(), text =>
        {
            var result = Encrypt(Encoding.ASCII.GetBytes(text + "\r\n\r\nSecret"));
            if (result.Status == EncryptionStatus.Encrypted)
            {
                Assert.DoesNotContain("Secret", OpenPgpFixture.Text(result.Message), StringComparison.Ordinal);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }

    private static RecipientKey MakeKey()
    {
        using var certificate = TestCertificate.Make("rsa2048", Now);
        return RecipientKeyReader.Read(certificate.RawData, Now).Key!;
    }

    private static void AssertFailed(EncryptionFault fault, EncryptionResult result)
    {
        Assert.Equal(EncryptionStatus.Failed, result.Status);
        Assert.Equal(fault, result.Fault);
        Assert.EndsWith(".", result.Reason, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => result.Message);
    }

    private EncryptionResult Encrypt(byte[] message, EncryptionOptions? options = null) =>
        new MessageEncryptor(new FixedTime(Now), options).Encrypt(message, _key, protectSubject: false, TestContext.Current.CancellationToken);
}
