using System.Security.Cryptography;
using Smtpy.Mail.Dkim;
using Xunit;

namespace Smtpy.Mail.Tests.Dkim;

public sealed class DkimSignerTests
{
    private readonly SignedMail _mail = new();

    [Fact]
    public void The_field_is_folded_and_names_what_it_guards()
    {
        var field = _mail.Sign(SignedMail.Message, SignedMail.Rsa)[..^SignedMail.Message.Length];

        Assert.EndsWith("\r\n", field, StringComparison.Ordinal);
        Assert.All(field.Split("\r\n"), line => Assert.True(line.Length <= 78, line));
        Assert.All(field.Split("\r\n").Skip(1).SkipLast(1), line => Assert.StartsWith("\t", line, StringComparison.Ordinal));
        var names = field.Replace("\r\n\t", "", StringComparison.Ordinal).Split("h=")[1].Split(';')[0].Split(':');
        Assert.Equal(2, names.Count(name => name == "from"));
        Assert.Equal(2, names.Count(name => name == "subject"));
        Assert.Single(names, name => name == "cc");
        Assert.DoesNotContain("list-id", names);
        Assert.DoesNotContain("received", names);
    }

    [Fact]
    public async Task The_vector_of_rfc_8463_appendix_a_verifies_and_its_key_is_ours()
    {
        const string message =
            "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n d=football.example.com; i=@football.example.com;\r\n"
            + " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n subject : date : message-id : from : subject : date;\r\n"
            + " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
            + " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
            + "From: Joe SixPack <joe@football.example.com>\r\nTo: Suzie Q <suzie@shopping.example.net>\r\nSubject: Is dinner ready?\r\n"
            + "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\nMessage-ID: <20030712040037.46341.5F8J@football.example.com>\r\n\r\n"
            + "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";

        // The secret of RFC 8032 section 7.1, test 1, behind the fixed octets of its PKCS #8 form (RFC 8410 section 7).
        byte[] secret = [.. Convert.FromHexString("302e020100300506032b657004220420"), .. Convert.FromBase64String("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")];
        Assert.True(PrivateKey.TryImportPem(PemEncoding.WriteString("PRIVATE KEY", secret), out var key, out _));
        var football = new SigningKey("football.example.com", "brisbane", key);
        Assert.Equal("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", football.RecordText);

        _mail.Texts["brisbane._domainkey.football.example.com"] = [football.RecordText];
        Assert.Equal(DkimVerdict.Pass, Assert.Single(await _mail.VerifyAsync(message)).Verdict);
    }

    [Fact]
    public async Task Keys_survive_their_pem_form()
    {
        foreach (var signing in new[] { SignedMail.Rsa, SignedMail.Ed25519 })
        {
            Assert.True(PrivateKey.TryImportPem(signing.Key.ExportPem(), out var key, out var reason), reason);
            Assert.Equal(signing.RecordText, (signing with { Key = key }).RecordText);
            var signed = _mail.Sign(SignedMail.Message, signing with { Key = key });
            Assert.Equal(DkimVerdict.Pass, Assert.Single(await _mail.VerifyAsync(signed)).Verdict);
        }
    }

    [Theory]
    [InlineData("", "is not PEM")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "is not an unencrypted RSA or Ed25519 private key")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "is not an unencrypted RSA or Ed25519 private key")]
    [InlineData("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----", "is not an unencrypted RSA or Ed25519 private key")]
    public void What_is_no_private_key_is_refused_in_words(string pem, string expected)
    {
        Assert.False(PrivateKey.TryImportPem(pem, out _, out var reason));
        Assert.Equal(expected, reason);
    }

    [Fact]
    public void A_record_is_written_in_strings_that_dns_can_hold()
    {
        Assert.Equal("r._domainkey.shop.test", SignedMail.Rsa.RecordName);
        Assert.StartsWith("v=DKIM1; k=rsa; p=MII", SignedMail.Rsa.RecordText, StringComparison.Ordinal);
        Assert.Equal($"\"{SignedMail.Rsa.RecordText}\"", SignedMail.Rsa.ZoneFileText.Replace("\" \"", "", StringComparison.Ordinal));
        Assert.Contains("\" \"", SignedMail.Rsa.ZoneFileText, StringComparison.Ordinal);
        Assert.All(SignedMail.Rsa.ZoneFileText.Split("\" \""), part => Assert.True(part.Trim('"').Length <= 255));
        Assert.DoesNotContain(SignedMail.Rsa.Key.ExportPem()[100..140], $"{SignedMail.Rsa}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_threads_sign_and_verify_with_the_same_keys()
    {
        var signed = new string[64];
        Parallel.For(0, signed.Length, number => signed[number] = _mail.Sign(SignedMail.Message, SignedMail.Rsa, SignedMail.Ed25519));
        await Parallel.ForEachAsync(signed, async (message, _) =>
            Assert.All(await new SignedMail().VerifyAsync(message), result => Assert.Equal(DkimVerdict.Pass, result.Verdict)));
    }

    [Fact]
    public async Task A_field_repeated_without_end_makes_no_signature_without_end()
    {
        var message = string.Concat(Enumerable.Repeat("To: x@shop.test\r\n", 5000)) + SignedMail.Message;
        var signed = _mail.Sign(message, SignedMail.Rsa);
        Assert.True(signed.Length - message.Length < 1200);
        Assert.Equal(DkimVerdict.Pass, Assert.Single(await _mail.VerifyAsync(signed)).Verdict);
    }
}
