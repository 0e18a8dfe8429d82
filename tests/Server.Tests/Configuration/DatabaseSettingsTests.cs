using Smtpy.Core.Storage.Postgres;
using Smtpy.Server.Configuration;
using Xunit;

namespace Smtpy.Server.Tests.Configuration;

public sealed class DatabaseSettingsTests
{
    [Fact]
    public void The_parts_take_a_password_as_it_is_and_the_URL_wins()
    {
        var parts = new Dictionary<string, string>
        {
            ["POSTGRES_HOST"] = "db",
            ["POSTGRES_DB"] = "smtpy",
            ["POSTGRES_USER"] = "smtpy",
            ["POSTGRES_PASSWORD"] = "a/b+c=:@?#%",
        };
        Assert.Equal(
            new PostgresLocation("db", 5432, "smtpy", "smtpy", "a/b+c=:@?#%"), PostgresLocation.Parse(Read(parts).Location));
        parts["DATABASE_URL"] = "postgresql://u%40x:p%2Fw@other:6000/mail?sslmode=require";
        Assert.Equal(
            new PostgresLocation("other", 6000, "mail", "u@x", "p/w", "require"), PostgresLocation.Parse(Read(parts).Location));
    }

    [Theory]
    [InlineData("POSTGRES_DB")]
    [InlineData("POSTGRES_USER")]
    [InlineData("POSTGRES_PASSWORD")]
    public void A_missing_part_is_named(string missing)
    {
        var parts = new Dictionary<string, string>
        {
            ["POSTGRES_HOST"] = "db",
            ["POSTGRES_DB"] = "smtpy",
            ["POSTGRES_USER"] = "smtpy",
            ["POSTGRES_PASSWORD"] = "x",
        };
        parts.Remove(missing);
        Assert.StartsWith(missing, Assert.Throws<SettingException>(() => Read(parts)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mysql://u:secret@h/db")]
    [InlineData("postgres://u:secret@h:port/db")]
    [InlineData("postgres://u:secret@h")]
    [InlineData("postgres://:secret@h/db")]
    [InlineData("postgres://u:sec/secret@h/db?x#secret")]
    [InlineData("postgres://u:secret@h/db?password=secret")]
    [InlineData("secret")]
    public void A_URL_that_is_wrong_is_refused_without_its_password(string url)
    {
        var message = Assert.Throws<SettingException>(() => Read(new() { ["DATABASE_URL"] = url })).Message;
        Assert.StartsWith("DATABASE_URL", message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
    }

    private static DatabaseSettings Read(Dictionary<string, string> values) =>
        DatabaseSettings.Read(new SettingReader(name => values.GetValueOrDefault(name)), "/data");
}
