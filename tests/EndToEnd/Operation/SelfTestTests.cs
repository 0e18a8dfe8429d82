using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Dns;
using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Operation;

/// <summary><c>smtpy selftest</c>: a real message through a real server, of which nothing stays.</summary>
public sealed class SelfTestTests
{
    [Theory]
    [InlineData("capture")]
    [InlineData("relay")]
    [InlineData("mx")]
    public async Task A_message_goes_through_in_every_mode_of_delivery_and_nothing_of_it_is_left(string mode)
    {
        await using var sink = new RecordingSink();
        await using var dns = new DnsTestServer();
        await using var smtpy = new SmtpyProcess(new Dictionary<string, string?>
        {
            ["SMTP_DELIVERY"] = mode,
            ["SMTP_RELAY"] = mode == "relay" ? "smtp://127.0.0.1:" + sink.Port.ToString(CultureInfo.InvariantCulture) : null,
            ["DNS_SERVER"] = dns.Address,
        });
        await smtpy.StartAsync();

        for (var i = 0; i < 2; i++)
        {
            using var result = JsonDocument.Parse((await smtpy.RunAsync("selftest", "--json")).MustSucceed());
            Assert.True(result.RootElement.GetProperty("ok").GetBoolean());
            Assert.True(result.RootElement.GetProperty("removed").GetBoolean());
        }

        await using var database = new SqliteConnection($"Data Source={Path.Combine(smtpy.DataFolder, "smtpy.db")};Mode=ReadOnly;Pooling=False");
        await database.OpenAsync(TestContext.Current.CancellationToken);
        foreach (var table in new[] { "messages", "message_parts", "deliveries", "captured_messages" })
        {
            await using var count = new SqliteCommand($"SELECT count(*) FROM {table}", database);
            Assert.Equal(0L, await count.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        }

        Assert.Equal(0, sink.Received);
    }

    [Fact]
    public async Task Made_up_addresses_are_unknown_and_the_servers_own_ports_stay_untouched()
    {
        await using var inside = new RecordingSink();
        await using var smtpy = new SmtpyProcess();
        await smtpy.StartAsync();
        using var conversation = await SmtpConversation.OpenAsync(smtpy.SmtpPort);
        await conversation.CommandAsync("MAIL FROM:<>");
        var unknown = await conversation.CommandAsync("RCPT TO:<nobody@mx.smtpy.test>");
        Assert.StartsWith("550", unknown, StringComparison.Ordinal);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        foreach (var local in new[] { $"selftest-{inside.Port}-{now}-{new string('0', 20)}", $"selftest-{inside.Port}-{now}-", "selftest-" })
        {
            Assert.Equal(unknown, await conversation.CommandAsync($"RCPT TO:<{local}@mx.smtpy.test>"));
            Assert.StartsWith("550 5.7.1", await conversation.CommandAsync($"RCPT TO:<{local}@selftest.invalid>"), StringComparison.Ordinal);
        }

        Assert.Equal(0, inside.Received);
    }

    [Fact]
    public async Task Without_a_server_it_fails_in_one_line()
    {
        await using var smtpy = new SmtpyProcess();
        var result = await smtpy.RunAsync("selftest");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("self-test failed", Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }
}
