using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.ScriptedPeer;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Promise;

/// <summary>SIGTERM: sessions finish or are told 421, nothing is lost, the exit code is 0, the next start goes on.</summary>
public sealed class GracefulStopTests
{
    /// <summary>What runs commands ends them two seconds after a signal unless it is told otherwise; a server has limits of its own.</summary>
    private static readonly TimeSpan LongerThanImpatience = TimeSpan.FromSeconds(4);

    [Fact]
    public async Task A_stop_under_load_loses_nothing_and_ends_with_0()
    {
        await using var sink = new RecordingSink();
        await using var smtpy = await SmtpyProcess.StartAsync(
            Instance.RelayingTo(sink.Port), Instance.Domain, Instance.Alias("shop", "me@mailbox.test"));
        var load = new AccountedLoad(smtpy.SmtpPort, ["shop@alias.test"]);
        using var stop = new CancellationTokenSource();
        var sending = load.RunAsync(8, stop.Token);
        for (var round = 0; round < 3; round++)
        {
            var before = load.Accepted.Count;
            await Until.TrueAsync("mail flows", () => load.Accepted.Count > before + 100);
            var result = await smtpy.StopAsync();
            Assert.True(result.ExitCode == 0, $"ended with {result.ExitCode}:\n{result.Error}");
            await smtpy.StartAsync();
        }

        await stop.CancelAsync();
        await sending;
        await Until.TrueAsync(
            "all arrived", () => DeliveryAccount.Settle(load.Accepted, sink.Entries).Lost.Count == 0);

        var account = DeliveryAccount.Settle(load.Accepted, sink.Entries);
        Assert.Empty(account.Altered);
        Assert.True(account.Duplicates == 0, "an orderly stop gives back what it holds, so nothing goes out twice: " + account);
    }

    [Fact]
    public async Task A_session_inside_a_message_may_finish_it()
    {
        await using var sink = new RecordingSink();
        await using var smtpy = await SmtpyProcess.StartAsync(
            Instance.RelayingTo(sink.Port), Instance.Domain, Instance.Alias("shop", "me@mailbox.test"));
        using var conversation = await SmtpConversation.OpenAsync(smtpy.SmtpPort);
        await conversation.CommandAsync("MAIL FROM:<a@client.test>");
        await conversation.CommandAsync("RCPT TO:<shop@alias.test>");
        Assert.StartsWith("354", await conversation.CommandAsync("DATA"), StringComparison.Ordinal);
        await conversation.SendAsync("Message-ID: <late@client.test>\r\n\r\n");

        var stopping = smtpy.StopAsync();
        await Until.TrueAsync(
            "new connections are refused", async () => !await Loopback.AnswersAsync(smtpy.SmtpPort, default));
        await Task.Delay(LongerThanImpatience, TestContext.Current.CancellationToken);
        await conversation.SendAsync("body\r\n.\r\n");

        Assert.StartsWith("250", await conversation.ReadReplyAsync(), StringComparison.Ordinal);
        Assert.Equal(0, (await stopping).ExitCode);
        await smtpy.StartAsync();
        await Until.TrueAsync("it arrived", () => sink.Entries.ContainsKey("<late@client.test>"));
    }

    [Fact]
    public async Task What_a_slow_destination_is_about_to_take_goes_out_once()
    {
        var reached = 0;
        await using var destination = new SinkServer
        {
            BeforeEnd = async () =>
            {
                Interlocked.Increment(ref reached);
                await Task.Delay(LongerThanImpatience);
            },
        };
        await using var smtpy = await SmtpyProcess.StartAsync(
            Instance.RelayingTo(destination.EndPoint.Port), Instance.Domain, Instance.Alias("shop", "me@mailbox.test"));
        using var conversation = await SmtpConversation.OpenAsync(smtpy.SmtpPort);
        for (var i = 0; i < 3; i++)
        {
            await conversation.CommandAsync("MAIL FROM:<a@client.test>");
            await conversation.CommandAsync("RCPT TO:<shop@alias.test>");
            await conversation.CommandAsync("DATA");
            await conversation.SendAsync($"Message-ID: <slow{i}@client.test>\r\n\r\nbody\r\n.\r\n");
            Assert.StartsWith("250", await conversation.ReadReplyAsync(), StringComparison.Ordinal);
        }

        await Until.TrueAsync("the destination has all of them", () => Volatile.Read(ref reached) == 3);
        Assert.Equal(0, (await smtpy.StopAsync()).ExitCode);
        Assert.Equal(3, destination.Mail.Count);
        using var queue = System.Text.Json.JsonDocument.Parse((await smtpy.RunAsync("queue", "list", "--json")).MustSucceed());
        Assert.Empty(queue.RootElement.EnumerateArray());
    }

    [Fact]
    public async Task An_idle_session_is_told_421()
    {
        await using var smtpy = new SmtpyProcess();
        await smtpy.StartAsync();
        using var conversation = await SmtpConversation.OpenAsync(smtpy.SmtpPort);

        var stopping = smtpy.StopAsync();

        Assert.StartsWith("421 4.3.2", await conversation.ReadReplyAsync(), StringComparison.Ordinal);
        Assert.Equal(0, (await stopping).ExitCode);
    }
}
