using Smtpy.Server.Configuration;
using Xunit;

namespace Smtpy.Server.Tests.Configuration;

/// <summary>Settings of the API, of Redis and of PostgreSQL by its parts.</summary>
public sealed class ServiceSettingsTests
{
    [Fact]
    public void Origins_are_taken_as_browsers_send_them() =>
        Assert.Equal(
            ["https://vault.example.org", "http://localhost:3000", "moz-extension://abc", "*"],
            Read(("CORS_ORIGINS", "https://vault.example.org/, http://localhost:3000  moz-extension://abc,*")).Api.CorsOrigins);

    [Fact]
    public void MTA_STS_and_DANE_are_on_unless_switched_off()
    {
        Assert.True(Read().Delivery is { MtaSts: true, Dane: true });
        Assert.True(Read(("SMTP_MTA_STS", "off"), ("SMTP_DANE", "OFF")).Delivery is { MtaSts: false, Dane: false });
    }

    [Fact]
    public void The_URL_of_Redis_wins_over_its_parts_and_is_unescaped()
    {
        var parts = Read(("REDIS_HOST", "cache"), ("REDIS_PASSWORD", "a/b+c=:@?#%")).Redis!;
        Assert.Equal(("cache", 6379, "a/b+c=:@?#%", (string?)null, false), (parts.Host, parts.Port, parts.Password, parts.User, parts.Tls));
        var url = Read(("REDIS_URL", "rediss://joe:p%40ss%2Fw@other:6380/2"), ("REDIS_HOST", "cache")).Redis!;
        Assert.Equal(("other", 6380, "p@ss/w", "joe", true, 2), (url.Host, url.Port, url.Password, url.User, url.Tls, url.Database));
        var only = Read(("REDIS_URL", "redis://:word@cache")).Redis!;
        Assert.Equal(("cache", 6379, "word", (string?)null), (only.Host, only.Port, only.Password, only.User));
        Assert.Null(Read().Redis);
    }

    [Fact]
    public void Nothing_that_is_printed_of_the_settings_holds_a_password()
    {
        var settings = Read(
            ("REDIS_URL", "redis://joe:hunter2@cache"), ("POSTGRES_HOST", "db"), ("POSTGRES_DB", "smtpy"), ("POSTGRES_USER", "joe"),
            ("POSTGRES_PASSWORD", "hunter2"));
        Assert.DoesNotContain("hunter2", settings.Redis!.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", settings.Database.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CORS_ORIGINS", "vault.example.org")]
    [InlineData("CORS_ORIGINS", "https://vault.example.org/path")]
    [InlineData("CORS_ORIGINS", "https://vault.example.org?q")]
    [InlineData("CORS_ORIGINS", "https://joe:hunter2@vault.example.org")]
    [InlineData("CORS_ORIGINS", "https://good.example.org, https://")]
    [InlineData("API_REQUESTS_PER_KEY", "0")]
    [InlineData("API_REQUESTS_PER_ADDRESS", "many")]
    [InlineData("API_WORKERS", "0")]
    [InlineData("TRUSTED_PROXIES", "nginx")]
    [InlineData("REDIS_URL", "hunter2")]
    [InlineData("REDIS_URL", "http://:hunter2@cache")]
    [InlineData("REDIS_URL", "redis://:hunter2@cache/first")]
    [InlineData("REDIS_URL", "redis://:hunter2@cache:port")]
    [InlineData("REDIS_URL", "redis://:hunter2/x@cache")]
    [InlineData("REDIS_HOST", "two words")]
    [InlineData("REDIS_PORT", "x", "REDIS_HOST=cache")]
    [InlineData("POSTGRES_HOST", "db:5432")]
    [InlineData("POSTGRES_HOST", "two words")]
    [InlineData("POSTGRES_PORT", "0", "POSTGRES_HOST=db")]
    [InlineData("POSTGRES_SSLMODE", "maybe", "POSTGRES_HOST=db")]
    [InlineData("DATABASE_POOL", "1")]
    [InlineData("DATABASE_WRITERS", "5")]
    [InlineData("DATABASE_WAIT", "soon")]
    public void A_wrong_value_is_refused_in_one_line_that_names_it_and_shows_no_password(string name, string value, string also = "A=b")
    {
        var other = also.Split('=');
        var wrong = Assert.Throws<SettingException>(() => Read(
            (name, value), (other[0], other[1]), ("POSTGRES_DB", "smtpy"), ("POSTGRES_USER", "joe"), ("POSTGRES_PASSWORD", "hunter2")));
        Assert.StartsWith(name + "=", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("is not accepted: ", wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', wrong.Message);
        Assert.DoesNotContain("hunter2", wrong.Message, StringComparison.Ordinal);
    }

    private static Settings Read(params (string Name, string Value)[] values) =>
        Settings.Read(new SettingReader(name => Array.Find(values, v => v.Name == name).Value));
}
