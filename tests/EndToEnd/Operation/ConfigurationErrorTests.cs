using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Xunit;

namespace Smtpy.EndToEnd.Operation;

/// <summary>A wrong value stops the start with one line that names the variable, the value and what is accepted.</summary>
public sealed class ConfigurationErrorTests
{
    [Theory]
    [InlineData("SMTP_LISTEN", "here:25", "ADDRESS:PORT")]
    [InlineData("SMTP_LISTEN", "127.0.0.1:70000", "ADDRESS:PORT")]
    [InlineData("SUBMISSION_LISTEN", "587", "ADDRESS:PORT")]
    [InlineData("SUBMISSIONS_LISTEN", "never", "ADDRESS:PORT")]
    [InlineData("API_LISTEN", "8000x", "ADDRESS:PORT")]
    [InlineData("SMTP_DELIVERY", "pigeon", "relay")]
    [InlineData("SMTP_RELAY", "http://127.0.0.1:25", "smtp://")]
    [InlineData("SMTP_RELAY", "127.0.0.1", "smtp://")]
    [InlineData("DNS_SERVER", "127.0.0.1:port", "host:port")]
    [InlineData("SMTP_MX_PORT", "0", "65535")]
    [InlineData("SMTP_MAX_MESSAGE_SIZE", "many", "whole number")]
    [InlineData("SMTP_MAX_CONNECTIONS", "-1", "whole number")]
    [InlineData("SMTP_COMMAND_TIMEOUT", "soon", "whole number")]
    [InlineData("SMTP_PROXY_PROTOCOL", "everybody", "networks")]
    [InlineData("SMTP_HOSTNAME", "not a name", "host name")]
    [InlineData("PUBLIC_URL", "localhost", "http://")]
    [InlineData("TLS_CERT", "/nowhere/cert.pem", "TLS_KEY")]
    public async Task A_wrong_value_is_named(string variable, string value, string accepted)
    {
        await using var smtpy = new SmtpyProcess(new Dictionary<string, string?> { [variable] = value });
        await using var server = smtpy.Launch();

        var result = await server.WaitAsync(Until.Patience);

        Assert.NotEqual(0, result.ExitCode);
        var line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(variable, line, StringComparison.Ordinal);
        Assert.Contains(value, line, StringComparison.Ordinal);
        Assert.Contains(accepted, line, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_wrong_database_is_named_without_what_may_hold_a_password()
    {
        await using var smtpy = new SmtpyProcess(new Dictionary<string, string?> { ["DATABASE_URL"] = "oracle://user:secret@x" });
        await using var server = smtpy.Launch();

        var result = await server.WaitAsync(Until.Patience);

        Assert.NotEqual(0, result.ExitCode);
        var line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("DATABASE_URL", line, StringComparison.Ordinal);
        Assert.Contains("sqlite:", line, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Relay_delivery_without_a_relay_is_named()
    {
        await using var smtpy = new SmtpyProcess(new Dictionary<string, string?> { ["SMTP_DELIVERY"] = "relay" });
        await using var server = smtpy.Launch();

        var result = await server.WaitAsync(Until.Patience);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("SMTP_RELAY", Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SMTP_LISTEN")]
    [InlineData("SUBMISSION_LISTEN")]
    [InlineData("SUBMISSIONS_LISTEN")]
    public async Task A_port_that_is_taken_is_named(string variable)
    {
        await using var first = new SmtpyProcess();
        await first.StartAsync();
        await using var second = new SmtpyProcess(new Dictionary<string, string?> { [variable] = $"127.0.0.1:{first.SmtpPort}" });
        await using var server = second.Launch();

        var result = await server.WaitAsync(Until.Patience);

        Assert.NotEqual(0, result.ExitCode);
        var line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"{variable}=\"127.0.0.1:{first.SmtpPort}\"", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_server_on_the_same_folder_is_told_so()
    {
        await using var first = new SmtpyProcess();
        await first.StartAsync();
        await using var second = new SmtpyProcess(dataFolder: first.DataFolder);
        await using var server = second.Launch();

        var result = await server.WaitAsync(Until.Patience);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(first.DataFolder, Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.False(first.HasExited);
    }

    [Fact]
    public async Task A_folder_is_free_again_after_a_kill()
    {
        await using var smtpy = new SmtpyProcess();
        await smtpy.StartAsync();
        await smtpy.KillAsync();
        await smtpy.StartAsync();
        Assert.False(smtpy.HasExited);
    }
}
