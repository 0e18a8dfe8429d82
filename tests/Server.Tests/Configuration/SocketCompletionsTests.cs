using Smtpy.Core.Storage.Postgres;
using Smtpy.Server.Configuration;
using Smtpy.Server.Hosting;
using Xunit;

namespace Smtpy.Server.Tests.Configuration;

/// <summary>The runtime's switch is the process's, so these run one after the other and put it back.</summary>
public sealed class SocketCompletionsTests : IDisposable
{
    private const string Switch = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    private readonly string? _before = Environment.GetEnvironmentVariable(Switch);

    [Theory]
    [InlineData("sqlite:/data/smtpy.db", null, "1")]
    [InlineData("sqlite:/data/smtpy.db", "0", "0")]
    [InlineData("postgres://smtpy@db/smtpy", null, null)]
    [InlineData("postgres://smtpy@db/smtpy", "1", "1")]
    public void Sessions_go_on_where_sockets_are_watched_only_with_the_embedded_database_or_as_the_environment_says(
        string location, string? environment, string? expected)
    {
        Environment.SetEnvironmentVariable(Switch, environment);
        SocketCompletions.Choose(new DatabaseSettings(location, new PostgresOptions(), TimeSpan.Zero));
        Assert.Equal(expected, Environment.GetEnvironmentVariable(Switch));
    }

    public void Dispose() => Environment.SetEnvironmentVariable(Switch, _before);
}
