using System.Text;
using System.Text.Json;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Operation;

/// <summary><c>smtpy queue retry</c> is another process than the server that delivers.</summary>
public sealed class QueueRetryTests
{
    [Fact]
    public Task A_deferred_message_goes_out_at_once_on_SQLite() => ProveAsync(null);

    [Fact]
    public async Task A_deferred_message_goes_out_at_once_on_PostgreSQL()
    {
        await using var postgres = await PostgresServer.StartFreshAsync(TestContext.Current.CancellationToken);
        await postgres.RunAsync("CREATE DATABASE mail");
        await ProveAsync(postgres.Url("mail"));
    }

    /// <summary>The next attempt would be in an hour, so only the command can have brought it about.</summary>
    private static async Task ProveAsync(string? database)
    {
        await using var sink = new RecordingSink { Recipient = _ => "450 4.2.1 not now" };
        await using var smtpy = await SmtpyProcess.StartAsync(
            Instance.RelayingTo(sink.Port, ("SMTP_RETRY_SCHEDULE", "1h"), ("DATABASE_URL", database ?? "")), Instance.Domain,
            Instance.Alias("shop", "me@mailbox.test"));
        using var conversation = await SmtpConversation.OpenAsync(smtpy.SmtpPort);
        var reply = await conversation.TransactAsync("a@client.test", "shop@alias.test", Encoding.ASCII.GetBytes("Message-ID: <deferred@client.test>\r\n\r\nbody\r\n"));
        Assert.StartsWith("250", reply, StringComparison.Ordinal);
        await Until.TrueAsync("it is deferred", async () => await AttemptsAsync(smtpy) == 1);

        sink.Recipient = _ => null;
        (await smtpy.RunAsync("queue", "retry", reply[(reply.LastIndexOf(' ') + 1)..])).MustSucceed();
        await Until.TrueAsync("it went out", () => sink.Entries.ContainsKey("<deferred@client.test>"));
    }

    private static async Task<int> AttemptsAsync(SmtpyProcess smtpy)
    {
        using var queue = JsonDocument.Parse((await smtpy.RunAsync("queue", "list", "--json")).MustSucceed());
        var entry = queue.RootElement.EnumerateArray().Single();
        return entry.GetProperty("under_way").GetBoolean() ? 0 : entry.GetProperty("attempts").GetInt32();
    }
}
