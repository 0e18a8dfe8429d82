using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Smtpy.Mail.Arc;
using Smtpy.Mail.AuthenticationResults;
using Smtpy.Mail.Dkim;
using Smtpy.Mail.Headers;
using Xunit;

namespace Smtpy.Mail.Tests.AuthenticationResults;

public sealed class AuthenticationResultsTests
{
    private static readonly Gen<string> FieldLike = Gen.Elements(
        "mx.test", ";", "dkim", "=", "pass", " ", "(", ")", "\"", "\\", "header.d", ".", "/", "1", "reason=", "\r\n ", "none", "@", "\u00fc", "\0").ListOf()
        .Select(string.Concat);

    [Fact]
    public void Results_are_written_a_line_each_and_read_back()
    {
        AuthenticationResult[] results =
        [
            new("spf", "pass") { Properties = [new("smtp", "mailfrom", "bounce@shop.test")] },
            new("dkim", "fail")
            {
                Comment = "2048-bit (odd) key", Reason = "body hash did not verify",
                Properties = [new("header", "d", "shop.test"), new("header", "i", "@shop.test"), new("header", "b", "a+/=")],
            },
        ];

        var field = Encoding.UTF8.GetString(AuthenticationResultsWriter.Write("mx.test", results));

        Assert.Equal(
            "Authentication-Results: mx.test;\r\n\tspf=pass smtp.mailfrom=bounce@shop.test;\r\n"
            + "\tdkim=fail (2048-bit \\(odd\\) key) reason=\"body hash did not verify\"\r\n"
            + "\theader.d=shop.test header.i=@shop.test header.b=\"a+/=\"\r\n",
            field);
        var content = Parse(field);
        Assert.Equal("mx.test", content.AuthservId);
        Assert.Equal([("spf", "pass"), ("dkim", "fail")], content.Results.Select(result => (result.Method, result.Result)));
        Assert.Equal("body hash did not verify", content.Results[1].Reason);
        Assert.Equal(results[1].Properties, content.Results[1].Properties);
        Assert.Equal("a+/=", content.Results[1].Find("HEADER", "B"));
        Assert.Null(content.Results[1].Find("header", "x"));
    }

    [Fact]
    public void Nothing_found_is_none()
    {
        var field = Encoding.UTF8.GetString(AuthenticationResultsWriter.Write("mx.test", []));
        Assert.Equal("Authentication-Results: mx.test; none\r\n", field);
        Assert.Empty(Parse(field).Results);
    }

    [Fact]
    public void What_a_sender_puts_into_a_value_stays_in_it() =>
        Prop.ForAll(FieldLike.ToArbitrary(), value =>
        {
            var field = Encoding.UTF8.GetString(AuthenticationResultsWriter.Write(
                "mx.test",
                [new("dkim", "fail") { Reason = value, Comment = value, Properties = [new("header", "i", value)] }, new("spf", "none")]));
            Assert.Equal(1, new HeaderIndex(Encoding.UTF8.GetBytes(field)).Count);
            Assert.All(field.Split("\r\n"), line => Assert.True(Encoding.UTF8.GetByteCount(line) <= 998));
            var content = Parse(field);
            Assert.Equal([("dkim", "fail"), ("spf", "none")], content.Results.Select(result => (result.Method, result.Result)));
            Assert.Equal("i", Assert.Single(content.Results[0].Properties).Name);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Theory]
    [InlineData("mx.test 1; dkim=pass header.d=a.test", "a.test")]
    [InlineData(" (we) \"mx.test\" (v) 1 (x (y)) ; (z) dkim / 1 = pass (ok) header (.) . (d) d = (e) a.test ", "a.test")]
    [InlineData("mx.test;\r\n\tDKIM=Pass Header.D=\"a.test\" x", "a.test")]
    [InlineData("mx.test; garbage here; =; dkim=pass reason=ok header.d=joe@a.test; spf", "joe@a.test")]
    public void Fields_of_others_are_read_with_comments_and_mistakes(string value, string domain)
    {
        var content = Parse("Authentication-Results:" + value);
        Assert.Equal("mx.test", content.AuthservId);
        var result = Assert.Single(content.Results);
        Assert.Equal(("dkim", "pass", domain), (result.Method, result.Result, result.Find("header", "d")));
    }

    [Fact]
    public void Any_field_is_read_or_refused_and_never_without_bound()
    {
        Prop.ForAll(FieldLike.ToArbitrary(), text =>
        {
            if (AuthenticationResultsParser.TryParse(Encoding.UTF8.GetBytes(text), out var content))
            {
                Assert.NotEmpty(content.AuthservId);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

        var many = Parse("A: mx;" + string.Concat(Enumerable.Repeat("dkim=pass" + string.Concat(Enumerable.Repeat(" header.d=x", 100)) + ";", 1000)));
        Assert.Equal((100, 32), (many.Results.Count, many.Results[0].Properties.Count));
        Assert.False(AuthenticationResultsParser.TryParse(Encoding.ASCII.GetBytes(new string('(', 100_000)), out _));
    }

    [Theory]
    [InlineData("Authentication-Results: mx.test; none", true)]
    [InlineData("authentication-results: MX.Test; dkim=pass", true)]
    [InlineData("Authentication-Results : mx.test", true)]
    [InlineData("Authentication-Results:mx.test 1;x=y", true)]
    [InlineData("Authentication-Results:\r\n\t(hello (there)) \"mx.t\\est\" (x) 1; x=y", true)]
    [InlineData("Authentication-Results: mx.test.; x=y", true)]
    [InlineData("Authentication-Results: (never closed mx.test; dkim=pass", true)]
    [InlineData("Authentication-Results: \"mx.test; dkim=pass", true)]
    [InlineData("Authentication-Results: ; dkim=pass", true)]
    [InlineData("Authentication-Results: mx.test.other; dkim=pass", false)]
    [InlineData("Authentication-Results: other.test; x=mx.test", false)]
    [InlineData("X-Authentication-Results: mx.test; none", false)]
    [InlineData("ARC-Authentication-Results: i=1; mx.test; none", false)]
    public void Results_that_claim_to_be_ours_are_found(string field, bool forged)
    {
        foreach (var one in new HeaderBlock(Encoding.ASCII.GetBytes(field + "\r\n")))
        {
            Assert.Equal(forged, ForgedResults.IsForged(one, "mx.test"));
        }
    }

    [Fact]
    public void Signatures_and_chains_are_described()
    {
        Assert.Equal("none", Assert.Single(SignatureResults.Describe([])).Result);
        var dkim = Assert.Single(SignatureResults.Describe(
        [
            new DkimResult
            {
                Verdict = DkimVerdict.PermError, Reason = "no key for signature", Domain = "a.test", Selector = "s", Algorithm = "rsa-sha256",
            },
        ]));
        Assert.Equal(("dkim", "permerror", "no key for signature"), (dkim.Method, dkim.Result, dkim.Reason));
        Assert.Equal(("a.test", "s", null), (dkim.Find("header", "d"), dkim.Find("header", "s"), dkim.Find("header", "i")));

        var arc = SignatureResults.Describe(new ArcResult(ArcStatus.Pass, 2, "", []) { OldestPass = 1 });
        Assert.Equal(("arc", "pass", "i=2", "1"), (arc.Method, arc.Result, arc.Comment, arc.Find("header", "oldest-pass")));
        Assert.Equal("none", SignatureResults.Describe(new ArcResult(ArcStatus.None, 0, "", [])).Result);
    }

    private static AuthenticationResultsContent Parse(string field)
    {
        var value = field[(field.IndexOf(':', StringComparison.Ordinal) + 1)..];
        Assert.True(AuthenticationResultsParser.TryParse(Encoding.UTF8.GetBytes(value), out var content));
        return content;
    }
}
