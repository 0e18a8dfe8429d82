using Smtpy.Mail.Client;
using Smtpy.Smtp.Deliver;
using Xunit;

namespace Smtpy.Smtp.Tests.Deliver;

public sealed class RelayTargetTests
{
    [Theory]
    [InlineData("smtp://mail.example:2525", "mail.example", 2525, SmtpTls.Opportunistic)]
    [InlineData("smtp://mail.example", "mail.example", 25, SmtpTls.Opportunistic)]
    [InlineData("smtp://127.0.0.1:25/", "127.0.0.1", 25, SmtpTls.Opportunistic)]
    [InlineData("smtp://[::1]:2525", "::1", 2525, SmtpTls.Opportunistic)]
    [InlineData("smtps://mail.example", "mail.example", 465, SmtpTls.ImplicitVerified)]
    [InlineData("smtps://localhost:4650", "localhost", 4650, SmtpTls.Implicit)]
    [InlineData("smtp://joe:secret@mail.example:587", "mail.example", 587, SmtpTls.RequiredVerified)]
    [InlineData("smtp://joe:secret@127.0.0.1:587", "127.0.0.1", 587, SmtpTls.Opportunistic)]
    public void Targets_are_read(string text, string host, int port, SmtpTls tls)
    {
        Assert.True(RelayTarget.TryParse(text, out var target));
        Assert.Equal((host, port, tls), (target.Host, target.Port, target.Tls));
        Assert.Equal(text.Contains("joe", StringComparison.Ordinal), target.Credentials is not null);
    }

    [Fact]
    public void Credentials_are_percent_decoded_and_never_printed()
    {
        Assert.True(RelayTarget.TryParse("smtp://joe%40x:a%3Ab%2F@mail.example", out var target));
        Assert.Equal(("joe@x", "a:b/"), (target.Credentials!.User, target.Credentials.Password));
        Assert.DoesNotContain("a:b", target.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("mail.example:25")]
    [InlineData("http://mail.example")]
    [InlineData("smtp://")]
    [InlineData("smtp://joe@mail.example")]
    [InlineData("smtp://:secret@mail.example")]
    [InlineData("smtp://mail.example/path")]
    [InlineData("smtp://mail.example:99999")]
    [InlineData("smtp://a%00:b@mail.example")]
    public void Nonsense_is_not(string text) => Assert.False(RelayTarget.TryParse(text, out _));
}
