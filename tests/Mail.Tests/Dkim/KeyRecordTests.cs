using System.Security.Cryptography;
using Smtpy.Mail.Dkim;
using Xunit;

namespace Smtpy.Mail.Tests.Dkim;

public sealed class KeyRecordTests
{
    private static readonly string PublicText = SignedMail.Rsa.RecordText[(SignedMail.Rsa.RecordText.IndexOf("p=", StringComparison.Ordinal) + 2)..];

    private readonly SignedMail _mail = new();

    [Theory]
    [InlineData("p={0}")]
    [InlineData("k=rsa; p={0};")]
    [InlineData("v=DKIM1; h=sha1:sha256; s=email; n=a note; p={0}")]
    [InlineData("v = DKIM1 ; s=*; t=s; x=unknown; p={0} ; ")]
    public async Task A_record_may_leave_out_or_add_what_it_likes(string record)
    {
        var result = await VerifyWithAsync(string.Format(null, record, PublicText));
        Assert.Equal((DkimVerdict.Pass, 2048), (result.Verdict, result.KeyBits));
    }

    [Theory]
    [InlineData("v=DKIM2; p={0}", "the key record is not of version DKIM1")]
    [InlineData("k=rsa; v=DKIM1; p={0}", "the key record is not of version DKIM1")]
    [InlineData("h=sha1; p={0}", "the key is not for sha256")]
    [InlineData("s=tlsrpt; p={0}", "the key is not for e-mail")]
    [InlineData("v=DKIM1", "the key record has no key")]
    [InlineData("v=DKIM1; p=", "the key is revoked")]
    [InlineData("k=dsa; p={0}", "the key is of an unknown type")]
    [InlineData("p=!{0}", "the key is malformed")]
    [InlineData("p=AAAA", "the key is malformed")]
    [InlineData("k=ed25519; p={0}", "the key is malformed")]
    [InlineData("p={0}; p={0}", "the key record has bad syntax: the tag p= twice")]
    [InlineData("v=spf1 -all", "the key record is not of version DKIM1")]
    public async Task A_record_that_cannot_be_used_is_a_permerror(string record, string reason)
    {
        var result = await VerifyWithAsync(string.Format(null, record, PublicText));
        Assert.Equal((DkimVerdict.PermError, reason), (result.Verdict, result.Reason));
    }

    [Fact]
    public async Task A_key_of_another_type_than_the_signature_is_a_permerror() =>
        Assert.Equal("the key is of another type than the signature", (await VerifyWithAsync(SignedMail.Ed25519.RecordText)).Reason);

    [Fact]
    public async Task Among_several_records_the_one_that_fits_is_found()
    {
        var result = await VerifyWithAsync("v=spf1 -all", SignedMail.Ed25519.RecordText, SignedMail.Rsa.RecordText);
        Assert.Equal(DkimVerdict.Pass, result.Verdict);
        Assert.NotEqual(DkimVerdict.Pass, (await VerifyWithAsync("a", "b", "c", SignedMail.Rsa.RecordText)).Verdict);
    }

    [Fact]
    public async Task Testing_is_told_and_strict_keys_refuse_subdomains()
    {
        Assert.True((await VerifyWithAsync($"t=y; p={PublicText}")).IsTesting);

        _mail.Texts[SignedMail.Rsa.RecordName] = [$"t=s; p={PublicText}"];
        var sub = _mail.Sign(SignedMail.Message, SignedMail.Rsa).Replace("s=r;", "s=r; i=joe@sub.shop.test;", StringComparison.Ordinal);
        Assert.Equal("the key is not for subdomains", Assert.Single(await _mail.VerifyAsync(sub)).Reason);
    }

    [Fact]
    public async Task A_key_in_the_form_that_the_rfc_asks_for_is_read_too()
    {
        using var rsa = RSA.Create();
        rsa.ImportFromPem(SignedMail.Rsa.Key.ExportPem());
        Assert.Equal(DkimVerdict.Pass, (await VerifyWithAsync("p=" + Convert.ToBase64String(rsa.ExportRSAPublicKey()))).Verdict);
    }

    [Theory]
    [InlineData(768, DkimVerdict.Policy)]
    [InlineData(1024, DkimVerdict.Pass)]
    public async Task Weak_keys_do_not_pass(int bits, DkimVerdict expected)
    {
        using var rsa = RSA.Create(bits);
        Assert.True(PrivateKey.TryImportPem(rsa.ExportRSAPrivateKeyPem(), out var key, out _));
        var weak = new SigningKey("shop.test", "w", key);
        _mail.Texts[weak.RecordName] = [weak.RecordText];
        var result = Assert.Single(await _mail.VerifyAsync(_mail.Sign(SignedMail.Message, weak)));
        Assert.Equal((expected, bits), (result.Verdict, result.KeyBits));
    }

    [Fact]
    public async Task A_key_larger_than_the_limit_is_not_tried()
    {
        var mail = new SignedMail { Options = new DkimVerifierOptions { MaxRsaBits = 1024 } };
        Assert.Equal(DkimVerdict.Policy, Assert.Single(await mail.VerifyAsync(mail.Sign(SignedMail.Message, SignedMail.Rsa))).Verdict);
    }

    [Fact]
    public async Task A_full_cache_of_keys_starts_over()
    {
        var mail = new SignedMail { Options = new DkimVerifierOptions { CachedKeys = 1 } };
        var signed = mail.Sign(SignedMail.Message, SignedMail.Rsa, SignedMail.Ed25519);
        Assert.All(await mail.VerifyAsync(signed), result => Assert.Equal(DkimVerdict.Pass, result.Verdict));
    }

    private async Task<DkimResult> VerifyWithAsync(params string[] records)
    {
        _mail.Texts[SignedMail.Rsa.RecordName] = records;
        return Assert.Single(await _mail.VerifyAsync(_mail.Sign(SignedMail.Message, SignedMail.Rsa)));
    }
}
