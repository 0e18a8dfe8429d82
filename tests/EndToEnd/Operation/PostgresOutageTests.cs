using System.Net;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Xunit;

namespace Smtpy.EndToEnd.Operation;

/// <summary>PostgreSQL that comes later than smtpy, goes away and comes back.</summary>
public sealed class PostgresOutageTests
{
    [Fact]
    public async Task A_start_waits_for_a_database_that_is_not_up_yet_and_says_so()
    {
        await using var postgres = await PostgresServer.StartFreshAsync(TestContext.Current.CancellationToken);
        await postgres.RunAsync("CREATE DATABASE mail");
        await postgres.StopAsync();
        await using var smtpy = new SmtpyProcess(new Dictionary<string, string?> { ["DATABASE_URL"] = postgres.Url("mail"), ["DATABASE_WAIT"] = "3600" });

        var starting = smtpy.StartAsync(TestContext.Current.CancellationToken);
        await Until.TrueAsync(
            "it says that it waits", () => starting.IsCompleted || smtpy.Log.Contains("waiting up to 3600 s for the database", StringComparison.Ordinal));
        Assert.False(starting.IsCompleted, smtpy.Log);
        await postgres.StartAsync(TestContext.Current.CancellationToken);

        await starting;
        Assert.DoesNotContain(PostgresServer.Password, smtpy.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(Uri.EscapeDataString(PostgresServer.Password), smtpy.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_gives_up_in_one_line_when_the_wait_is_over()
    {
        await using var smtpy = new SmtpyProcess(new Dictionary<string, string?>
        {
            ["POSTGRES_HOST"] = "127.0.0.1",
            ["POSTGRES_PORT"] = $"{Loopback.FreePort()}",
            ["POSTGRES_DB"] = "mail",
            ["POSTGRES_USER"] = "smtpy",
            ["POSTGRES_PASSWORD"] = "hunter2",
            ["DATABASE_WAIT"] = "2",
        });
        await using var server = smtpy.Launch();
        var result = await server.WaitAsync(Until.Patience);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("127.0.0.1", Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", result.Output + result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Readiness_shows_the_outage_and_its_end_while_the_process_lives_on()
    {
        await using var postgres = await PostgresServer.StartFreshAsync(TestContext.Current.CancellationToken);
        await postgres.RunAsync("CREATE DATABASE mail");
        await using var smtpy = new SmtpyProcess(new Dictionary<string, string?> { ["DATABASE_URL"] = postgres.Url("mail") });
        await smtpy.StartAsync(TestContext.Current.CancellationToken);
        Assert.Contains("Npgsql.dll", await File.ReadAllTextAsync($"/proc/{smtpy.ProcessId}/maps", TestContext.Current.CancellationToken), StringComparison.Ordinal);

        await postgres.KillAsync();
        await Until.TrueAsync("it is not ready", async () =>
        {
            var (status, text) = await smtpy.GetAsync("/health/ready", TestContext.Current.CancellationToken);
            return status == HttpStatusCode.ServiceUnavailable && text.Contains("\"database\":{\"status\":\"unhealthy\"", StringComparison.Ordinal);
        });
        Assert.Equal(HttpStatusCode.OK, (await smtpy.GetAsync("/health/live", TestContext.Current.CancellationToken)).Status);
        await StrangersAreToldLittleAsync(new Uri($"http://127.0.0.1:{smtpy.ApiPort}/"));
        Assert.Equal(1, (await smtpy.RunAsync("health", "--url", $"http://127.0.0.1:{smtpy.ApiPort}/health/ready")).ExitCode);

        await postgres.StartAsync(TestContext.Current.CancellationToken);
        await Until.TrueAsync(
            "it is ready again", async () => (await smtpy.GetAsync("/health/ready", TestContext.Current.CancellationToken)).Status == HttpStatusCode.OK);
        Assert.False(smtpy.HasExited);
    }

    /// <summary>What comes through a proxy learns that it is not healthy and no more; a caller with a key is told to try again.</summary>
    private static async Task StrangersAreToldLittleAsync(Uri server)
    {
        using var client = new HttpClient { BaseAddress = server };
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.1");
        var report = await client.GetStringAsync("health/live", TestContext.Current.CancellationToken);
        using var health = await client.GetAsync("health", TestContext.Current.CancellationToken);
        report += await health.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("unhealthy", report, StringComparison.Ordinal);
        Assert.DoesNotContain("detail", report, StringComparison.Ordinal);

        client.DefaultRequestHeaders.Authorization = new("Bearer", "smtpy" + new string('a', 43));
        using var refused = await client.GetAsync("api/v1/aliases", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal("application/json", refused.Content.Headers.ContentType?.MediaType);
    }
}
