using FsCheck;
using FsCheck.Fluent;
using Smtpy.Mail.TlsPolicy;
using Xunit;

namespace Smtpy.Mail.Tests.TlsPolicy;

/// <summary>RFC 8461 sections 3.1, 3.2 and 4.1.</summary>
public sealed class StsSyntaxTests
{
    private static readonly Gen<string> PolicyLike = Gen.Elements(
        "version: STSv1", "mode: enforce", "mode: none", "mode:", "mx: a.example", "mx: *.b.example", "mx: *", "max_age: 1", "max_age: 99999999999",
        ":", " ", "\r\n", "\n", "\r", "\0", "\u00fc", "x: y", "v=STSv1", ";", "id=1").ListOf().Select(string.Concat);

    [Theory]
    [InlineData("1", "v=STSv1; id=1;")]
    [InlineData("20160831085700Z", "v=STSv1; id=20160831085700Z")]
    [InlineData("a", "v=STSv1 ;\tx=y; id=a ; z=1;")]
    [InlineData("1", "v=spf1 -all", "v=STSv1;id=1", "v=STSv10; id=2")]
    [InlineData("1", "v=STSv1; id=1; id=2")]
    [InlineData(null, "v=STSv1; id=1", "v=STSv1; id=2")]
    [InlineData(null, "v=STSv1; id=")]
    [InlineData(null, "v=STSv1; id=a-b")]
    [InlineData(null, "v=STSv1; id=123456789012345678901234567890123")]
    [InlineData(null, "V=STSv1; id=1")]
    [InlineData(null, "id=1; v=STSv1;")]
    [InlineData(null, "v=STSv1")]
    [InlineData(null)]
    public void The_one_record_of_the_version_has_the_id(string? id, params string[] texts) => Assert.Equal(id, StsRecord.FindId(texts));

    [Theory]
    [InlineData("version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.Example.net\r\nmax_age: 604800\r\n", "enforce mail.example.com,*.example.net 604800")]
    [InlineData("max_age:5\nmx:a.example\n\nmode:testing  \nversion:\tSTSv1", "testing a.example 5")]
    [InlineData("version: STSv1\nmode: none\nmax_age: 0\n", "none  0")]
    [InlineData("version: STSv1\nmode: enforce\nmode: none\nmx: a.example\nmax_age: 9999999999\nmax_age: 1\nnew: \u00fc\n", "enforce a.example 31557600")]
    public void A_policy_is_read(string text, string expected)
    {
        Assert.True(StsPolicy.TryParse(text, out var policy, out _));
        Assert.Equal(expected, $"{policy.Mode.ToString().ToLowerInvariant()} {string.Join(',', policy.Patterns)} {policy.MaxAge.TotalSeconds}");
    }

    [Theory]
    [InlineData("mode: enforce\nmx: a.example\nmax_age: 1", "no version STSv1")]
    [InlineData("version: STSv2\nmode: enforce\nmx: a.example\nmax_age: 1", "no version STSv1")]
    [InlineData("version: STSv1\nmode: force\nmx: a.example\nmax_age: 1", "no mode that is known")]
    [InlineData("version: STSv1\nmode: enforce\nmax_age: 1", "no mx")]
    [InlineData("version: STSv1\nmode: enforce\nmx: a.example\n", "no max_age")]
    [InlineData("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: -1", "no max_age")]
    [InlineData("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 12345678901", "no max_age")]
    [InlineData("version: STSv1\nmode: enforce\nmx: *.*.example\nmax_age: 1", "an mx that is no host name")]
    [InlineData("version: STSv1\nmode: enforce\nmx: mail*.example\nmax_age: 1", "an mx that is no host name")]
    [InlineData("<html>", "a line without a colon")]
    [InlineData("", "no version STSv1")]
    public void What_is_no_policy_is_said_to_be_none(string text, string problem)
    {
        Assert.False(StsPolicy.TryParse(text, out _, out var found));
        Assert.Equal(problem, found);
    }

    [Fact]
    public void A_policy_of_too_many_hosts_is_none() => Assert.False(StsPolicy.TryParse(
        "version: STSv1\nmode: enforce\nmax_age: 1\n" + string.Concat(Enumerable.Repeat("mx: a.example\n", StsPolicy.MaxPatterns + 1)), out _, out _));

    [Theory]
    [InlineData("mail.example.com", "mail.example.com", true)]
    [InlineData("mail.example.com", "MAIL.Example.com.", true)]
    [InlineData("mail.example.com", "a.mail.example.com", false)]
    [InlineData("*.example.com", "mail.example.com", true)]
    [InlineData("*.example.com", "a.mail.example.com", false)]
    [InlineData("*.example.com", "example.com", false)]
    [InlineData("*.example.com", ".example.com", false)]
    [InlineData("*.example.com", "mailexample.com", false)]
    [InlineData("m\u00fcnchen.example", "xn--mnchen-3ya.example", true)]
    public void A_star_stands_for_exactly_one_label(string pattern, string host, bool named)
    {
        Assert.True(StsPolicy.TryParse($"version: STSv1\nmode: enforce\nmx: {pattern}\nmax_age: 1", out var policy, out _));
        Assert.Equal(named, policy.Names(host));
    }

    [Fact]
    public void No_input_is_too_odd_and_what_is_read_survives_being_written() =>
        Prop.ForAll(PolicyLike.ToArbitrary(), text =>
        {
            _ = StsRecord.FindId([text, text]);
            _ = StsRecord.FindId([text]);
            if (StsPolicy.TryParse(text, out var policy, out var problem))
            {
                Assert.True(StsPolicy.TryParse(policy.ToString(), out var again, out _));
                Assert.Equal(policy.ToString(), again.ToString());
                Assert.InRange(policy.MaxAge, TimeSpan.Zero, StsPolicy.LongestAge);
            }
            else
            {
                Assert.NotEqual("", problem);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Theory]
    [InlineData("TLS-Required: No\r\n\r\n", true)]
    [InlineData("tls-required:\r\n no \r\n\r\n", true)]
    [InlineData("TLS-Required: Yes\r\n\r\n", false)]
    [InlineData("TLS-Required: No\r\nTLS-Required: No\r\n\r\n", false)]
    [InlineData("Subject: x\r\n\r\nTLS-Required: No\r\n", false)]
    public void TLS_Required_says_no_only_when_it_says_so_once(string message, bool no) =>
        Assert.Equal(no, TlsRequiredField.SaysNo(System.Text.Encoding.ASCII.GetBytes(message)));
}
