using System.Text;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Promise;

/// <summary>A disk that is full or refuses to be written: 4xx and never 250, and the server goes on by itself afterwards.</summary>
public sealed class StorageFaultTests
{
    [Fact]
    public async Task A_full_disk_is_answered_4xx_and_the_server_recovers_when_there_is_room()
    {
        await using var mount = await TemporaryMount.CreateAsync("24m");
        await using var sink = new RecordingSink();
        await using var smtpy = await StartAsync(mount.Path, sink);
        Assert.StartsWith("250", await SendAsync(smtpy, "before", 1000), StringComparison.Ordinal);

        mount.Fill();
        var replies = await SendUntilRefusedAsync(smtpy);
        Assert.Matches("^45[12] 4\\.3\\.[01]", replies[^1]);

        mount.Free();
        await TakenAgainAsync(smtpy, "after");
        await Until.TrueAsync("what was taken arrived", () => sink.Entries.ContainsKey("<after@fault.test>"));
        Assert.False(smtpy.HasExited);
        await AssertAllArrivedAsync(sink, replies);
    }

    [Fact]
    public async Task A_message_that_does_not_fit_is_refused_and_small_ones_are_still_taken()
    {
        await using var mount = await TemporaryMount.CreateAsync("24m");
        await using var sink = new RecordingSink();
        await using var smtpy = await StartAsync(mount.Path, sink);

        Assert.Matches("^45[12] 4\\.3\\.[01]", await SendAsync(smtpy, "big", 40_000_000));

        await TakenAgainAsync(smtpy, "small");
        await Until.TrueAsync("it arrived", () => sink.Entries.ContainsKey("<small@fault.test>"));
        Assert.DoesNotContain("<big@fault.test>", sink.Entries.Keys);
    }

    [Fact]
    public async Task Files_that_cannot_be_written_are_answered_4xx_and_the_server_recovers_when_they_can()
    {
        RequiredPackages.Need("e2fsprogs");
        await using var sink = new RecordingSink();
        using var folder = new TempFolder("immutable");
        await using var smtpy = await StartAsync(folder.Path, sink);
        Assert.StartsWith("250", await SendAsync(smtpy, "before", 1000), StringComparison.Ordinal);

        // Not the "-shm" file: it is mapped into memory, where a refused write is no error code but a SIGBUS.
        var files = Directory.GetFiles(folder.Path).Where(path => path.EndsWith(".db", StringComparison.Ordinal)
            || path.EndsWith("-wal", StringComparison.Ordinal)).ToArray();
        Assert.Equal(2, files.Length);

        // "Immutable" stops even a process that has the file open already, and root as well; file modes would stop neither.
        var made = await ChildProcess.RunAsync(Privileges.AsRoot(["chattr", "+i", folder.Path, .. files]));
        Assert.SkipUnless(made.ExitCode == 0, "this file system knows no immutable files: " + made.Error.Trim());
        string[] replies;
        try
        {
            replies = [.. await SendUntilRefusedAsync(smtpy)];
        }
        finally
        {
            (await ChildProcess.RunAsync(Privileges.AsRoot(["chattr", "-i", folder.Path, .. files]))).MustSucceed();
        }

        Assert.StartsWith("451 4.3.0", replies[^1], StringComparison.Ordinal);
        await TakenAgainAsync(smtpy, "after");
        await AssertAllArrivedAsync(sink, replies);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_stops_the_start_with_one_line()
    {
        using var folder = new TempFolder("readonly");
        File.SetUnixFileMode(folder.Path, (UnixFileMode)Convert.ToInt32("555", 8));
        await using var smtpy = new SmtpyProcess(dataFolder: folder.Path, wrap: command => Privileges.AsNobody(command));
        smtpy.Set("DOTNET_CLI_HOME", "/tmp");
        await using var server = smtpy.Launch();

        var result = await server.WaitAsync(Until.Patience);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(folder.Path, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static async Task<SmtpyProcess> StartAsync(string dataFolder, RecordingSink sink)
    {
        var smtpy = new SmtpyProcess(Instance.RelayingTo(sink.Port), dataFolder);
        await smtpy.AddDomainAsync(Instance.Domain);
        await smtpy.ImportAsync(Instance.Alias("shop", "me@mailbox.test"));
        await smtpy.StartAsync();
        return smtpy;
    }

    private static async Task TakenAgainAsync(SmtpyProcess smtpy, string name)
    {
        var reply = "";
        try
        {
            await Until.TrueAsync(
                "mail is taken again",
                async () => (reply = await SendAsync(smtpy, name, 1000)).StartsWith("250", StringComparison.Ordinal));
        }
        catch (TimeoutException timeout)
        {
            var log = smtpy.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            throw new TimeoutException($"{timeout.Message}; the last reply: {reply}\n{string.Join('\n', log.TakeLast(8))}", timeout);
        }
    }

    /// <summary>Sends until the fault shows (room that SQLite had taken before may still be used up with 250, which is honest).</summary>
    private static async Task<List<string>> SendUntilRefusedAsync(SmtpyProcess smtpy)
    {
        var replies = new List<string>();
        await Until.TrueAsync(
            "the fault shows",
            async () =>
            {
                replies.Add(await SendAsync(smtpy, $"during-{replies.Count}", 20_000));
                return !replies[^1].StartsWith("250", StringComparison.Ordinal);
            });
        return replies;
    }

    private static async Task AssertAllArrivedAsync(RecordingSink sink, IReadOnlyList<string> replies)
    {
        for (var index = 0; index < replies.Count; index++)
        {
            if (replies[index].StartsWith("250", StringComparison.Ordinal))
            {
                var id = $"<during-{index}@fault.test>";
                await Until.TrueAsync($"{id}, answered 250, arrived", () => sink.Entries.ContainsKey(id));
            }
        }
    }

    private static async Task<string> SendAsync(SmtpyProcess smtpy, string name, int octets)
    {
        using var conversation = await SmtpConversation.OpenAsync(smtpy.SmtpPort);
        var body = string.Concat(Enumerable.Repeat(new string('x', 98) + "\r\n", octets / 100));
        return await conversation.TransactAsync(
            "sender@client.test", "shop@alias.test", Encoding.ASCII.GetBytes($"Message-ID: <{name}@fault.test>\r\n\r\n{body}"));
    }
}
