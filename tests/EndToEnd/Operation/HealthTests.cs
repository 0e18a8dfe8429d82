using System.Net;
using Smtpy.Tests.Support.Processes;
using Xunit;

namespace Smtpy.EndToEnd.Operation;

public sealed class HealthTests
{
    [Fact]
    public async Task A_running_server_says_that_it_lives_is_ready_and_what_it_did()
    {
        await using var smtpy = new SmtpyProcess();
        await smtpy.StartAsync();
        foreach (var path in new[] { "/health", "/health/live", "/health/ready" })
        {
            Assert.Equal(HttpStatusCode.OK, (await smtpy.GetAsync(path)).Status);
        }

        var metrics = await smtpy.GetAsync("/metrics");
        Assert.Equal(HttpStatusCode.OK, metrics.Status);
        foreach (var line in new[]
        {
            "# TYPE smtpy_smtp_connections_accepted_total counter",
            "# TYPE smtpy_smtp_connections_open gauge",
            "# TYPE smtpy_storage_commit_duration_seconds histogram",
            "smtpy_messages_accepted_total{} 0",
            "smtpy_refused_total{reason=\"unknown_alias\"} 0",
            "smtpy_smtp_connections_ended_total{reason=\"timeout\"} 0",
        })
        {
            Assert.Contains(line, metrics.Text.Split('\n'));
        }

        Assert.Equal(0, (await smtpy.RunAsync("health", "--url", $"http://127.0.0.1:{smtpy.ApiPort}")).ExitCode);
        Assert.Equal(0, (await smtpy.RunAsync("health", "--smtp", $"127.0.0.1:{smtpy.SmtpPort}")).ExitCode);
    }

    [Fact]
    public async Task Health_of_a_server_that_is_not_there_fails_in_one_line()
    {
        await using var smtpy = new SmtpyProcess();
        var result = await smtpy.RunAsync("health", "--smtp", $"127.0.0.1:{smtpy.SmtpPort}");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
