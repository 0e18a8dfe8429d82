using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Smtpy.Core.Recipients;
using Smtpy.Core.Storage;
using Smtpy.Mail.Dkim;
using Smtpy.Smtp.Deliver;
using Xunit;

namespace Smtpy.Smtp.Tests.Rewrite;

public sealed class EncryptionTests(ComposerFixture fixture) : IClassFixture<ComposerFixture>
{
    private const string Message = "From: Jane <jane@shop.test>\r\nSubject: Secret plan\r\nMessage-ID: <1@shop.test>\r\n\r\nthe plan\r\n";

    private static readonly byte[] Rita = Certificate("rita");

    [Fact]
    public async Task What_leaves_for_a_recipient_with_a_key_is_encrypted_and_then_signed()
    {
        var mailbox = await AddRecipientAsync(EncryptionKind.Smime, Rita, protectSubject: true);
        var alias = await fixture.AddAliasAsync(recipients: mailbox);
        var sent = await fixture.SendAsync(Message, fixture.Due(alias, ComposerFixture.Judged(), recipient: mailbox));
        Assert.StartsWith("application/pkcs7-mime", sent.Field("Content-Type"), StringComparison.Ordinal);
        Assert.DoesNotContain("plan", sent.Text, StringComparison.Ordinal);
        Assert.Equal("...", sent.Field("Subject"));
        Assert.Equal(2, (await sent.VerifyAsync([.. fixture.Keys.All])).Count(result => result.Verdict == DkimVerdict.Pass));
        Assert.Equal(Mail.Arc.ArcStatus.Pass, (await sent.ValidateAsync([.. fixture.Keys.All])).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_leaves_in_clear_where_there_is_no_key_to_encrypt_to(bool damaged)
    {
        var mailbox = await AddRecipientAsync(EncryptionKind.Pgp, damaged ? Rita[..40] : null);
        var alias = await fixture.AddAliasAsync(recipients: mailbox);
        var composition = await fixture.ComposeAsync(Message, fixture.Due(alias, recipient: mailbox));
        Assert.Null(composition.Message);
        Assert.Equal(DeliveryState.Held, composition.State);
        Assert.EndsWith(".", composition.Reason.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_is_shared_by_those_with_one_key_only()
    {
        var rita = await AddRecipientAsync(EncryptionKind.Smime, Rita);
        var same = await AddRecipientAsync(EncryptionKind.Smime, Rita);
        var other = await AddRecipientAsync(EncryptionKind.Smime, Certificate("other"));
        var alias = await fixture.AddAliasAsync(recipients: [rita, same, other]);
        Assert.True((await ComposeAsync(alias, rita, same)).Succeeded);
        Assert.Same(Composition.Apart, await ComposeAsync(alias, rita, other));
        Assert.Same(Composition.Apart, await ComposeAsync(alias, ComposerFixture.Mailbox, rita));
        Assert.True((await ComposeAsync(alias, ComposerFixture.Mailbox, ComposerFixture.Owner)).Succeeded);
    }

    private Task<Composition> ComposeAsync(string alias, params string[] recipients) =>
        fixture.ComposeAsync(Message, [.. recipients.Select(recipient => fixture.Due(alias, recipient: recipient))]);

    private async Task<string> AddRecipientAsync(EncryptionKind kind, byte[]? key, bool protectSubject = false)
    {
        var mailbox = $"{Guid.NewGuid():n}@inbox.test";
        await using var context = fixture.Context();
        context.Recipients.Add(new Recipient
        {
            AccountId = fixture.Account,
            Email = mailbox,
            CreatedAt = DateTimeOffset.UnixEpoch,
            VerifiedAt = DateTimeOffset.UnixEpoch,
            Encryption = kind,
            EncryptionKey = key,
            ProtectSubject = protectSubject,
        });
        await context.SaveChangesAsync(TestContext.Current.CancellationToken);
        return mailbox;
    }

    private static byte[] Certificate(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyEncipherment, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(100));
        return certificate.RawData;
    }
}
