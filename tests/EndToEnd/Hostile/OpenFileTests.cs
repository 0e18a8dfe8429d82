using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Hostile;

/// <summary>What happens where the process may open fewer files than there are connections (RLIMIT_NOFILE).</summary>
public sealed partial class OpenFileTests
{
    [Theory]
    [InlineData(1024)]
    [InlineData(450)]
    public async Task A_short_limit_is_named_at_the_start_and_no_more_connections_are_taken_than_fit(int limit)
    {
        RequiredPackages.Need("util-linux");
        await using var sink = new RecordingSink();
        await using var smtpy = await PreparedAsync(sink, command => ["prlimit", $"--nofile={limit}:{limit}", .. command]);
        await smtpy.StartAsync(TestContext.Current.CancellationToken);
        bool IsWarning(string line) => line.Contains("SMTP_MAX_CONNECTIONS=10000", StringComparison.Ordinal);

        // Log lines are written in batches.
        await Until.TrueAsync("the limit is in the log", () => Array.Exists(smtpy.Log.Split('\n')[..^1], IsWarning));
        var warning = Assert.Single(smtpy.Log.Split('\n'), IsWarning);
        Assert.Contains($"limit of open files is {limit}", warning, StringComparison.Ordinal);
        Assert.Contains("ulimit -n", warning, StringComparison.Ordinal);
        var allowed = int.Parse(Allowed().Match(warning).Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.InRange(allowed, 30, limit - 400);

        var open = new List<SmtpConversation>();
        try
        {
            for (var i = 0; i < allowed; i++)
            {
                open.Add(await SmtpConversation.OpenAsync(smtpy.SmtpPort));
            }

            // All that fit are inside and are served; those above are told so, many at once.
            var above = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => SmtpConversation.ConnectAsync(smtpy.SmtpPort)));
            open.AddRange(above);
            Assert.All(
                await Task.WhenAll(above.Select(conversation => conversation.ReadReplyAsync())),
                reply => Assert.StartsWith("421 4.3.2", reply, StringComparison.Ordinal));
            Assert.StartsWith("250", await open[0].TransactAsync("bob@sender.test", "shop@alias.test", Message), StringComparison.Ordinal);
            await Until.TrueAsync("it arrived", () => sink.Received == 1);
            Assert.False(smtpy.HasExited);
        }
        finally
        {
            open.ForEach(conversation => conversation.Dispose());
        }
    }

    [Theory]
    [InlineData(700, 900)]
    [InlineData(1024, 1500)]
    public async Task A_flood_of_the_web_port_neither_ends_the_process_nor_keeps_mail_out(int limit, int clients)
    {
        RequiredPackages.Need("util-linux");
        await using var sink = new RecordingSink();
        await using var smtpy = await PreparedAsync(sink, command => ["prlimit", $"--nofile={limit}:{limit}", .. command]);
        await smtpy.StartAsync(TestContext.Current.CancellationToken);
        var flood = await Task.WhenAll(Enumerable.Range(0, clients).Select(async i =>
        {
            var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, smtpy.ApiPort, TestContext.Current.CancellationToken);
            if (i % 2 == 0)
            {
                // Who was turned away already hears of it here.
                await Record.ExceptionAsync(() => client.GetStream().WriteAsync("GET /health/ready HTTP/1.1\r\n"u8.ToArray()).AsTask());
            }

            return client;
        }));
        try
        {
            using var conversation = await SmtpConversation.OpenAsync(smtpy.SmtpPort);
            Assert.StartsWith("250", await conversation.TransactAsync("bob@sender.test", "shop@alias.test", Message), StringComparison.Ordinal);
            await Until.TrueAsync("it arrived", () => sink.Received == 1);
            Assert.False(smtpy.HasExited, smtpy.Log);
        }
        finally
        {
            Array.ForEach(flood, static client => client.Dispose());
        }

        await Until.TrueAsync("the web is served again", async () =>
        {
            try
            {
                return (await smtpy.GetAsync("/health/ready", TestContext.Current.CancellationToken)).Status == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
    }

    [Fact]
    public async Task Without_file_descriptors_the_listener_waits_and_goes_on_when_there_are_some_again()
    {
        RequiredPackages.Need("util-linux");
        await using var sink = new RecordingSink();
        await using var smtpy = await PreparedAsync(sink, static command => command);
        await smtpy.StartAsync(TestContext.Current.CancellationToken);
        using (await SmtpConversation.OpenAsync(smtpy.SmtpPort))
        {
            // What it has open now, and 40 more; and so many that there is no room for them either when it has closed what its start needed.
            await LimitAsync(smtpy, Directory.GetFiles($"/proc/{smtpy.ProcessId}/fd").Length + 40);
            var knocking = await Task.WhenAll(Enumerable.Range(0, 600).Select(_ => SmtpConversation.ConnectAsync(smtpy.SmtpPort)));
            try
            {
                await Until.TrueAsync(
                    "the shortage is in the log", () => smtpy.HasExited || smtpy.Log.Contains("the limit of open files is near", StringComparison.Ordinal));
                Assert.False(smtpy.HasExited, smtpy.Log);

                // Everything else goes on, by what is left for it.
                Assert.Equal(HttpStatusCode.OK, (await smtpy.GetAsync("/health/live", TestContext.Current.CancellationToken)).Status);
                await Until.TrueAsync("it does next to nothing for a second", () => IsAtRestAsync(smtpy.ProcessId));

                await LimitAsync(smtpy, 4096);
                Assert.All(
                    await Task.WhenAll(knocking.Select(conversation => conversation.ReadReplyAsync())),
                    reply => Assert.StartsWith("220", reply, StringComparison.Ordinal));
            }
            finally
            {
                Array.ForEach(knocking, conversation => conversation.Dispose());
            }
        }

        // To its end, when all lines are written.
        var stopped = await smtpy.StopAsync();
        Assert.Equal(0, stopped.ExitCode);
        Assert.Equal(1, (stopped.Output + stopped.Error).Split("the limit of open files is near").Length - 1);
    }

    /// <summary>
    /// Whether a second passed in which the process used the processor for less than a third of it. Who tries again and again without waiting
    /// never has such a second; who has just started, and still compiles, has one soon.
    /// </summary>
    private static async Task<bool> IsAtRestAsync(int processId)
    {
        using var process = Process.GetProcessById(processId);
        var before = process.TotalProcessorTime;
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        process.Refresh();
        return process.TotalProcessorTime - before < TimeSpan.FromSeconds(0.3);
    }

    private static ReadOnlyMemory<byte> Message => "From: <bob@sender.test>\r\nMessage-ID: <1@sender.test>\r\n\r\nbody\r\n"u8.ToArray();

    private static async Task<SmtpyProcess> PreparedAsync(RecordingSink sink, Func<IReadOnlyList<string>, IReadOnlyList<string>> wrap)
    {
        var smtpy = new SmtpyProcess(Instance.RelayingTo(sink.Port), wrap: wrap);
        await smtpy.AddDomainAsync(Instance.Domain);
        await smtpy.ImportAsync(Instance.Alias("shop", "me@mailbox.test"));
        return smtpy;
    }

    private static async Task LimitAsync(SmtpyProcess smtpy, int files) => (await ChildProcess.RunAsync(
        ["prlimit", "--pid", smtpy.ProcessId.ToString(CultureInfo.InvariantCulture), $"--nofile={files}:"], new Dictionary<string, string?>())).MustSucceed();

    [GeneratedRegex("no more than ([0-9]+) SMTP connections")]
    private static partial Regex Allowed();
}
