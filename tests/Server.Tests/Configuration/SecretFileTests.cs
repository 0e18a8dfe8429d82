using Smtpy.Server.Configuration;
using Smtpy.Tests.Support;
using Xunit;

namespace Smtpy.Server.Tests.Configuration;

/// <summary>NAME_FILE in the place of NAME, for the secrets.</summary>
public sealed class SecretFileTests : IDisposable
{
    private const string Value = "of-more-than-sixteen-characters";
    private readonly TempFolder _folder = new("secrets");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_secret_may_stand_in_a_file()
    {
        Assert.Equal(Value, Read(("SECRET_KEY_FILE", Keep(Value + "\n"))).SecretKey);
        Assert.Equal(Value, Read(("REDIS_HOST", "redis"), ("REDIS_PASSWORD_FILE", Keep(Value))).Redis!.Password);
        var database = Read(
            ("POSTGRES_HOST", "db"), ("POSTGRES_DB", "smtpy"), ("POSTGRES_USER", "smtpy"), ("POSTGRES_PASSWORD_FILE", Keep(Value + "\r\n"))).Database;
        Assert.Contains(":" + Value + "@db", database.Location, StringComparison.Ordinal);
    }

    [Fact]
    public void The_secret_and_its_file_at_once_are_refused() => AssertRefused(
        "or SECRET_KEY_FILE, not both", ("SECRET_KEY", Value), ("SECRET_KEY_FILE", Keep(Value)));

    [Fact]
    public void A_file_that_is_not_there_is_refused_with_its_path()
    {
        var path = _folder.Combine("nowhere");
        AssertRefused(path, ("SECRET_KEY_FILE", path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n" + Value)]
    public void A_file_whose_first_line_is_empty_is_refused(string content) => AssertRefused("first line", ("SECRET_KEY_FILE", Keep(content)));

    [Fact]
    public void A_secret_in_a_file_is_as_hidden_as_one_in_a_variable()
    {
        var wrong = Assert.Throws<SettingException>(() => Read(("SECRET_KEY_FILE", Keep("hunter2"))));
        Assert.DoesNotContain("hunter2", wrong.Message, StringComparison.Ordinal);
    }

    private static void AssertRefused(string why, params (string Name, string Value)[] values)
    {
        var wrong = Assert.Throws<SettingException>(() => Read(values));
        Assert.StartsWith("SECRET_KEY_FILE=", wrong.Message, StringComparison.Ordinal);
        Assert.Contains(why, wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', wrong.Message);
        Assert.DoesNotContain(Value, wrong.Message, StringComparison.Ordinal);
    }

    private string Keep(string content)
    {
        var path = _folder.Combine(Guid.NewGuid().ToString("N"));
        File.WriteAllText(path, content);
        return path;
    }

    private static Settings Read(params (string Name, string Value)[] values) =>
        Settings.Read(new SettingReader(name => Array.Find(values, v => v.Name == name).Value));
}
