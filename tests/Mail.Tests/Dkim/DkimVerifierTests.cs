using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Smtpy.Mail.Dkim;
using Smtpy.Mail.Headers;
using Xunit;

namespace Smtpy.Mail.Tests.Dkim;

public sealed class DkimVerifierTests
{
    private static readonly Gen<string> SignatureLike = Gen.Elements(
        "v=1;", "a=rsa-sha256;", "a=ed25519-sha256;", "d=shop.test;", "s=r;", "h=from:to;", "h=:;", "bh=AAAA;", "b=AAAA;", "b=", "l=99999999999999999999;",
        "t=1;", "x=", "i=@x;", "i==0D@shop.test;", "c=relaxed/", ";", "=", " ", "\r\n ", "\u00fc", "\u0001", "q=", "v=DKIM1;", "p=;", "k=rsa;").ListOf()
        .Select(string.Concat);

    private readonly SignedMail _mail = new();

    [Fact]
    public async Task Each_signature_has_its_result_in_order()
    {
        var signed = _mail.Sign(SignedMail.Message, SignedMail.Rsa, SignedMail.Ed25519);

        var results = await _mail.VerifyAsync(signed);

        Assert.Equal([DkimVerdict.Pass, DkimVerdict.Pass], results.Select(result => result.Verdict));
        Assert.Equal(["rsa-sha256", "ed25519-sha256"], results.Select(result => result.Algorithm));
        Assert.Equal([2048, 256], results.Select(result => result.KeyBits));
        Assert.All(results, result => Assert.Equal(("shop.test", "@shop.test", "", true, false),
            (result.Domain, result.Identity, result.Reason, result.CoversWholeBody, result.IsTesting)));
    }

    [Theory]
    [InlineData("Order", "order", "signature did not verify")]
    [InlineData("To: a@", "To: b@", "signature did not verify")]
    [InlineData("Bye", "bye", "body hash did not verify")]
    [InlineData("From:", "Subject: another\r\nFrom:", "signature did not verify")]
    [InlineData("From:", "Cc: added@shop.test\r\nFrom:", "signature did not verify")]
    public async Task A_change_that_is_signed_against_fails(string from, string to, string reason)
    {
        var signed = _mail.Sign(SignedMail.Message, SignedMail.Rsa).Replace(from, to, StringComparison.Ordinal);
        var result = Assert.Single(await _mail.VerifyAsync(signed));
        Assert.Equal((DkimVerdict.Fail, reason), (result.Verdict, result.Reason));
    }

    [Theory]
    [InlineData("Order  42\r\n of", "Order 42 \r\n\t  of")]
    [InlineData("Hello  there ", "Hello \t there")]
    [InlineData("To: a@", "tO:   a@")]
    [InlineData("Bye\r\n\r\n", "Bye\r\n")]
    [InlineData("From:", "Received: by x\r\nFrom:")]
    public async Task A_change_that_relaxed_allows_passes(string from, string to)
    {
        var signed = _mail.Sign(SignedMail.Message, SignedMail.Rsa).Replace(from, to, StringComparison.Ordinal);
        Assert.Equal(DkimVerdict.Pass, Assert.Single(await _mail.VerifyAsync(signed)).Verdict);
    }

    [Theory]
    [InlineData("v=1", "v=2", "v= is not 1")]
    [InlineData("v=1; ", "", "v= is missing")]
    [InlineData("v=1", "v=1; v=1", "bad syntax: the tag v= twice")]
    [InlineData("v=1", "v=1; ; x", "bad syntax: a tag without a value")]
    [InlineData("v=1", "v=1; 1x=y", "bad syntax: a tag with a bad name")]
    [InlineData("a=rsa-sha256", "a=rsa-md5", "a= is not known")]
    [InlineData("a=rsa-sha256", "a=rsa- sha256", "a= has white space in it")]
    [InlineData("d=shop.test", "d=shop\r\n .test", "d= has white space in it")]
    [InlineData("s=r;", "s= r ; i= @shop\r\n .test; l= 1 0 ;", "l= is not a number")]
    [InlineData("s=r;", "s=r; q=dns / txt;", "q= names no known way to the key")]
    [InlineData("c=relaxed/relaxed", "c=relaxed / relaxed", "c= is not known")]
    [InlineData("d=shop.test", "d=-shop", "d= is not a domain name")]
    [InlineData("c=relaxed/relaxed", "c=nowsp", "c= is not known")]
    [InlineData("h=from:from", "h=to", "From is not signed")]
    [InlineData("h=from:from", "h=from::to", "h= is not a list of field names")]
    [InlineData("s=r;", "s=r; q=dns/other;", "q= names no known way to the key")]
    [InlineData("s=r;", "s=r; i=joe@other.test;", "the domain of i= is not within d=")]
    [InlineData("s=r;", "s=r; i=@notshop.test;", "the domain of i= is not within d=")]
    [InlineData("s=r;", "s=r; x=1;", "x= is not after t=")]
    [InlineData("s=r;", "s=r; l=-1;", "l= is not a number")]
    [InlineData("bh=", "bh=*", "bh= is not base64")]
    [InlineData("s=r;", "s=none;", "no key for signature")]
    public async Task A_signature_that_cannot_be_read_is_a_permerror(string from, string to, string reason)
    {
        var result = Assert.Single(await _mail.VerifyAsync(Edit(_mail.Sign(SignedMail.Message, SignedMail.Rsa), from, to)));
        Assert.Equal((DkimVerdict.PermError, reason), (result.Verdict, result.Reason));
    }

    [Fact]
    public async Task White_space_around_values_and_colons_does_not_matter()
    {
        var signed = Edit(_mail.Sign(SignedMail.Message, SignedMail.Rsa), "s=r;", "s=\t r\r\n ; q= x/y :\r\n\tdns/txt ; i= joe\r\n @shop.test;");
        var result = Assert.Single(await _mail.VerifyAsync(signed));
        Assert.Equal((DkimVerdict.Fail, "signature did not verify", "joe@shop.test"), (result.Verdict, result.Reason, result.Identity));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("\u00a0, joe@other.test\r\n", false)]
    [InlineData("\u000b: x\r\n", false)]
    [InlineData("no field\r\n", false)]
    public async Task A_line_that_is_no_field_may_be_read_as_more_of_the_one_above(string line, bool isFixed)
    {
        var signed = _mail.Sign(SignedMail.Message, SignedMail.Rsa).Replace("To:", line + "To:", StringComparison.Ordinal);
        var result = Assert.Single(await _mail.VerifyAsync(signed));
        Assert.Equal((DkimVerdict.Pass, isFixed), (result.Verdict, result.FixesContent));
        var inMailbox = "From joe Tue Nov 24\r\n" + _mail.Sign(SignedMail.Message, SignedMail.Rsa);
        Assert.True(Assert.Single(await _mail.VerifyAsync(inMailbox)).FixesContent);
    }

    [Fact]
    public async Task Sha1_never_passes()
    {
        var result = Assert.Single(await _mail.VerifyAsync(Edit(_mail.Sign(SignedMail.Message, SignedMail.Rsa), "rsa-sha256", "rsa-sha1")));
        Assert.Equal((DkimVerdict.Policy, "rsa-sha1 is no longer trusted"), (result.Verdict, result.Reason));
    }

    [Fact]
    public async Task An_expired_signature_fails_and_one_from_the_future_is_not_accepted()
    {
        var mail = new SignedMail { SignerOptions = new DkimSignerOptions { Validity = TimeSpan.FromMinutes(1) } };
        var signed = mail.Sign(SignedMail.Message, SignedMail.Rsa);
        Assert.Equal(DkimVerdict.Pass, Assert.Single(await mail.VerifyAsync(signed)).Verdict);
        mail.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal("signature expired", Assert.Single(await mail.VerifyAsync(signed)).Reason);

        var future = Edit(_mail.Sign(SignedMail.Message, SignedMail.Rsa), $"t={_mail.Now}", $"t={_mail.Now + 90_000}");
        var result = Assert.Single(await _mail.VerifyAsync(future));
        Assert.Equal((DkimVerdict.Policy, "signature made in the future"), (result.Verdict, result.Reason));
    }

    [Fact]
    public async Task What_comes_after_the_length_is_not_covered_and_a_body_shorter_than_it_fails()
    {
        var (message, appended) = await SignWithLengthAsync(limit: 13);
        Assert.Equal((DkimVerdict.Pass, false), (appended.Verdict, appended.CoversWholeBody));

        _mail.Texts.Clear();
        var tooLong = Edit(message, "l=13", "l=1000");
        Assert.Equal("the body is shorter than l= says", Assert.Single(await _mail.VerifyAsync(tooLong)).Reason);
    }

    [Fact]
    public async Task A_resolver_that_fails_is_a_temperror()
    {
        var signed = _mail.Sign(SignedMail.Message, SignedMail.Rsa);
        _mail.Texts[SignedMail.Rsa.RecordName] = ["!"];
        Assert.Equal(DkimVerdict.TempError, Assert.Single(await _mail.VerifyAsync(signed)).Verdict);
    }

    [Fact]
    public async Task Only_the_first_signatures_are_looked_at()
    {
        var signed = _mail.Sign(SignedMail.Message, Enumerable.Repeat(SignedMail.Ed25519, 12).ToArray());
        Assert.Equal(10, (await _mail.VerifyAsync(signed)).Count);
        Assert.Equal(10, _mail.Texts.Questions);
    }

    [Fact]
    public async Task A_message_without_a_signature_has_no_result()
    {
        Assert.Empty(await _mail.VerifyAsync(SignedMail.Message));
        Assert.Empty(await _mail.VerifyAsync(""));
    }

    [Fact]
    public async Task Whatever_stands_in_a_signature_is_answered()
    {
        foreach (var text in SignatureLike.Sample(1000, 30))
        {
            _mail.Texts[SignedMail.Rsa.RecordName] = [text];
            var results = await _mail.VerifyAsync("DKIM-Signature: " + text + "\r\n" + SignedMail.Message);
            Assert.All(results, result => Assert.NotEqual(DkimVerdict.Pass, result.Verdict));
            await _mail.ValidateAsync($"ARC-Seal: i=1;{text}\r\nARC-Message-Signature: i=1;{text}\r\nARC-Authentication-Results: i=1;\r\n\r\n");
        }
    }

    [Fact]
    public void The_index_finds_fields_from_the_bottom_up()
    {
        var index = new HeaderIndex("A: 1\r\n"u8.ToArray(), "b: 2\r\na : 3\r\nno field\r\nA: 4\r\n\r\nA: body\r\n"u8.ToArray());
        Assert.Equal(5, index.Count);
        Assert.Equal([0, 2, 4], index.All("a"u8));
        Assert.Equal((4, 2, 0, -1), (index.Last("A"u8), index.Previous(4), index.Previous(2), index.Previous(0)));
        Assert.Equal((-1, -1), (index.Last("c"u8), index.Last([])));
    }

    /// <summary>A signature over the first octets of the body alone, made by hand.</summary>
    private async Task<(string Message, DkimResult Result)> SignWithLengthAsync(int limit)
    {
        var bodyHash = Convert.ToBase64String(SHA256.HashData(Encoding.ASCII.GetBytes("Hello there\r\n")));
        var field = $"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=shop.test; s=r; h=from; l={limit}; bh={bodyHash}; b=";
        var canonical = "from:Joe <joe@shop.test>\r\ndkim-signature:" + field["DKIM-Signature: ".Length..];
        using var rsa = RSA.Create();
        rsa.ImportFromPem(SignedMail.Rsa.Key.ExportPem());
        var signature = rsa.SignData(Encoding.ASCII.GetBytes(canonical), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var message = field + Convert.ToBase64String(signature) + "\r\n" + SignedMail.Message;
        return (message, Assert.Single(await _mail.VerifyAsync(message)));
    }

    private static string Edit(string signed, string from, string to)
    {
        Assert.Contains(from, signed, StringComparison.Ordinal);
        var at = signed.IndexOf(from, StringComparison.Ordinal);
        return signed[..at] + to + signed[(at + from.Length)..];
    }
}
