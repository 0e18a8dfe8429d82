using System.Text;
using System.Text.Json;
using Smtpy.EndToEnd.Promise;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Operation;

/// <summary><c>smtpy backup</c> beside a running server, and <c>smtpy restore</c> after the worst.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly TempFolder _folder = new("backups");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Archive => _folder.Combine("smtpy.tar.gz");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task After_the_data_folder_is_wrecked_aliases_keys_and_waiting_mail_are_there_again()
    {
        await using var sink = new RecordingSink(SinkMemory.Content) { Recipient = static address => Waits(address) ? "450 4.2.1 not now" : null };
        await using var smtpy = await SmtpyProcess.StartAsync(
            Instance.RelayingTo(sink.Port), Instance.Domain,
            new Dictionary<string, string[]> { ["shop@alias.test"] = ["me@mailbox.test"], ["later@alias.test"] = ["waits@mailbox.test"] });
        await PublishKeysAsync(smtpy);
        var before = (await smtpy.RunAsync("export")).MustSucceed();
        await SendAsync(smtpy, "later@alias.test", "<waits@client.test>");
        await Until.TrueAsync("it waits", async () => await smtpy.QueueLengthAsync() > 0);

        await BackUpUnderLoadAsync(smtpy);

        await smtpy.KillAsync();
        await WreckAsync(smtpy.DataFolder);
        Assert.NotEqual(0, (await smtpy.RunAsync("export")).ExitCode);
        var restored = (await smtpy.RunAsync("restore", Archive)).MustSucceed();
        Assert.Contains("what was there before is in " + smtpy.DataFolder, restored, StringComparison.Ordinal);
        Assert.Contains("will be tried at the next start", restored, StringComparison.Ordinal);

        sink.Recipient = static _ => null;
        await smtpy.StartAsync(Cancellation);
        Assert.Equal(before, (await smtpy.RunAsync("export")).MustSucceed());
        var waited = await sink.WaitForAsync(static m => Waits(m.Recipients[0]));
        Assert.Contains("<waits@client.test>", waited.Fingerprint.MessageId, StringComparison.Ordinal);
        Assert.Equal("200", (await smtpy.GetAsync("/health/ready", Cancellation)).Status.ToString("D"));

        // What is published in DNS is from before: the key that signs is the same one.
        var answer = await Dkimpy.VerifyAsync(waited.Content, smtpy.Dns.EndPoint.Port, cancellationToken: Cancellation);
        Assert.NotEmpty(answer.Signatures);
        Assert.All(answer.Signatures, signature => Assert.True(signature.Passes, signature.ToString()));
    }

    [Theory]
    [InlineData("all")]
    [InlineData("api")]
    public async Task A_restore_is_refused_while_a_server_runs(string role)
    {
        await using var smtpy = new SmtpyProcess(wrap: command => command[^1] == "serve" ? [.. command, "--role", role] : command);
        await smtpy.AddDomainAsync(Instance.Domain);
        await smtpy.StartAsync(Cancellation);
        (await smtpy.RunAsync("backup", Archive)).MustSucceed();

        AssertRefused(await smtpy.RunAsync("restore", Archive), "stop it first");

        Assert.Empty(Directory.GetDirectories(smtpy.DataFolder, "re*"));
        await smtpy.StopAsync();
        (await smtpy.RunAsync("restore", Archive)).MustSucceed();
        await smtpy.StartAsync(Cancellation);
    }

    [Fact]
    public async Task A_restore_that_is_killed_leaves_all_of_the_old_or_all_of_the_new()
    {
        const int rounds = 6;
        await using var smtpy = new SmtpyProcess();
        await smtpy.AddDomainAsync(Instance.Domain);
        await smtpy.ImportAsync(Enumerable.Range(0, 2000).ToDictionary(static i => $"then{i}@alias.test", static _ => new[] { "me@mailbox.test" }));
        (await smtpy.RunAsync("backup", Archive)).MustSucceed();
        var then = (await smtpy.RunAsync("export")).MustSucceed();
        var secret = await File.ReadAllTextAsync(Path.Combine(smtpy.DataFolder, "secret.key"), Cancellation);
        for (var round = 0; round < rounds; round++)
        {
            await smtpy.AddAliasAsync($"now{round}@alias.test", "me@mailbox.test");
            await File.WriteAllTextAsync(Path.Combine(smtpy.DataFolder, "secret.key"), $"the secret of round {round}", Cancellation);
            var now = (await smtpy.RunAsync("export")).MustSucceed();

            await KillInTheMidstAsync(smtpy.DataFolder);

            var (found, key) = ((await smtpy.RunAsync("export")).MustSucceed(), await File.ReadAllTextAsync(Path.Combine(smtpy.DataFolder, "secret.key"), Cancellation));
            Assert.Contains((found, key), new[] { (now, $"the secret of round {round}"), (then, secret) });
        }

        (await smtpy.RunAsync("restore", Archive)).MustSucceed();
        Assert.Equal(then, (await smtpy.RunAsync("export")).MustSucceed());
        await smtpy.StartAsync(Cancellation);
    }

    [Theory]
    [InlineData("smtpy.db")]
    [InlineData("smtpy.db-wal")]
    [InlineData("secret.key")]
    [InlineData("keys/key-1.xml")]
    public async Task A_backup_never_takes_the_place_of_what_it_is_to_save(string name)
    {
        await using var smtpy = new SmtpyProcess();
        await smtpy.AddDomainAsync(Instance.Domain);
        AssertRefused(await smtpy.RunAsync("backup", "--force", Path.Combine(smtpy.DataFolder, name)), "a file of the instance itself");
        Assert.Contains(Instance.Domain, (await smtpy.RunAsync("domain", "list")).MustSucceed(), StringComparison.Ordinal);

        // A link to the folder is the folder.
        var link = _folder.Combine("link");
        Directory.CreateSymbolicLink(link, smtpy.DataFolder);
        AssertRefused(await smtpy.RunAsync("backup", "--force", Path.Combine(link, name)), "a file of the instance itself");
        (await smtpy.RunAsync("backup", Path.Combine(smtpy.DataFolder, "mine.tar.gz"))).MustSucceed();
    }

    [Fact]
    public async Task A_backup_that_lies_where_a_restore_unpacks_is_not_eaten()
    {
        await using var smtpy = new SmtpyProcess();
        await smtpy.AddDomainAsync(Instance.Domain);
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(smtpy.DataFolder, "restoring")).FullName, "b.tar.gz");
        (await smtpy.RunAsync("backup", Archive)).MustSucceed();
        File.Move(Archive, file);
        AssertRefused(await smtpy.RunAsync("restore", file), "move it elsewhere");
        Assert.True(File.Exists(file));
        AssertRefused(await smtpy.RunAsync("restore", "/dev/null"), "nothing was changed");
    }

    [Fact]
    public async Task On_PostgreSQL_both_point_to_the_scripts()
    {
        await using var smtpy = new SmtpyProcess(new Dictionary<string, string?> { ["DATABASE_URL"] = "postgres://smtpy:secret@127.0.0.1:1/smtpy" });
        AssertRefused(await smtpy.RunAsync("backup", Archive), "scripts/backup.sh");
        await File.WriteAllTextAsync(Archive, "", Cancellation);
        AssertRefused(await smtpy.RunAsync("restore", Archive), "scripts/restore.sh");
    }

    [Fact]
    public async Task A_backup_that_finds_no_room_says_so_and_leaves_nothing()
    {
        await using var mount = await TemporaryMount.CreateAsync("256k");
        await using var smtpy = new SmtpyProcess();
        await smtpy.AddDomainAsync(Instance.Domain);
        AssertRefused(await smtpy.RunAsync("backup", Path.Combine(mount.Path, "b.tar.gz")), mount.Path);
        Assert.Empty(Directory.GetFileSystemEntries(mount.Path));
        AssertRefused(await smtpy.RunAsync("backup", _folder.Combine("nowhere/b.tar.gz")), "no such folder");
    }

    [Fact]
    public async Task A_file_that_is_no_whole_backup_is_refused_and_nothing_changes()
    {
        await using var smtpy = new SmtpyProcess();
        await smtpy.AddDomainAsync(Instance.Domain);
        (await smtpy.RunAsync("backup", Archive)).MustSucceed();
        var (before, octets) = (Entries(smtpy.DataFolder), await File.ReadAllBytesAsync(Archive, Cancellation));
        foreach (var broken in new[] { octets[..(octets.Length / 2)], [.. octets[..^200], .. new byte[200]], [1, 2, 3], Array.Empty<byte>() })
        {
            await File.WriteAllBytesAsync(Archive, broken, Cancellation);
            AssertRefused(await smtpy.RunAsync("restore", Archive), "nothing was changed");
        }

        Assert.Equal(before, Entries(smtpy.DataFolder).Where(static name => !name.EndsWith(".lock", StringComparison.Ordinal)));
        AssertRefused(await smtpy.RunAsync("restore", _folder.Combine("missing")), "no such file");
    }

    [Fact]
    public async Task An_export_is_imported_into_an_empty_instance()
    {
        await using var from = new SmtpyProcess();
        await from.AddDomainAsync(Instance.Domain);
        (await from.RunAsync("alias", "add", "odd@alias.test", "--to", "me@mailbox.test", "--note", "=cmd|'x'!A0, \"q\"\nline")).MustSucceed();
        (await from.RunAsync("alias", "disable", "odd@alias.test", "--answer", "refuse")).MustSucceed();
        var file = _folder.Combine("aliases.csv");
        (await from.RunAsync("export", "--output", file)).MustSucceed();
        AssertRefused(await from.RunAsync("export", "--output", file), "cannot write");
        AssertRefused(await from.RunAsync("export", "--user", "nobody@example.net"), "no account");

        await using var to = new SmtpyProcess();
        (await to.RunAsync("user", "add", SmtpyProcess.User, "--admin")).MustSucceed();
        Assert.NotEqual(0, (await to.RunAsync("import", file)).ExitCode);
        Assert.Contains("domains added: alias.test", (await to.RunAsync("import", file, "--add-domains")).MustSucceed(), StringComparison.Ordinal);

        Assert.Equal((await from.RunAsync("export")).MustSucceed(), (await to.RunAsync("export")).MustSucceed());
        Assert.Contains("alias.test  owner@example.net  yes", (await to.RunAsync("domain", "list")).MustSucceed(), StringComparison.Ordinal);
    }

    private static bool Waits(string address) => address.Contains("waits@", StringComparison.Ordinal);

    private static void AssertRefused(ProgramResult result, string reason)
    {
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(reason, Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    private static string[] Entries(string folder) => [.. Directory.GetFileSystemEntries(folder).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private async Task BackUpUnderLoadAsync(SmtpyProcess smtpy)
    {
        var load = new AccountedLoad(smtpy.SmtpPort, ["shop@alias.test"]) { Pause = TimeSpan.FromMilliseconds(20) };
        using var stop = new CancellationTokenSource();
        var sending = load.RunAsync(2, stop.Token);
        await Until.TrueAsync("mail flows", () => load.Accepted.Count > 20);
        using var backup = JsonDocument.Parse((await smtpy.RunAsync("backup", Archive, "--json")).MustSucceed());
        Assert.Equal(2, backup.RootElement.GetProperty("holds").GetProperty("aliases").GetInt64());
        var taken = load.Accepted.Count;
        await Until.TrueAsync("mail flows on", () => load.Accepted.Count > taken + 20);
        await stop.CancelAsync();
        await sending;
        Assert.Equal(0, load.Refused);
    }

    /// <summary>What a failing disk and a wrong command leave: a database of garbage, no keys.</summary>
    private static async Task WreckAsync(string folder)
    {
        await File.WriteAllBytesAsync(Path.Combine(folder, "smtpy.db"), new byte[100_000], Cancellation);
        File.Delete(Path.Combine(folder, "secret.key"));
        File.Delete(Path.Combine(folder, "tls-key.pem"));
    }

    /// <summary>The random moment is the point: some while it unpacks, some while it renames, some before and after.</summary>
    private async Task KillInTheMidstAsync(string folder)
    {
        await using var restore = ChildProcess.Start(
            [Repository.SmtpyExecutable, "restore", Archive], new Dictionary<string, string?> { ["SMTPY_DATA"] = folder });
        await Until.TrueAsync("it unpacks", () => Directory.Exists(Path.Combine(folder, "restoring")) || restore.HasExited);
        var moment = TimeSpan.FromMilliseconds(Random.Shared.Next(0, 150));
        if (Random.Shared.Next(2) == 0)
        {
            await Until.TrueAsync("it renames", () => File.Exists(Path.Combine(folder, "restoring.json")) || restore.HasExited);
            moment = TimeSpan.Zero;
        }

        await Task.Delay(moment, Cancellation);
        await restore.KillAsync();
    }

    /// <summary>Of the domain and the host name, as they are now.</summary>
    private static async Task PublishKeysAsync(SmtpyProcess smtpy)
    {
        foreach (var name in new[] { Instance.Domain, "mx.smtpy.test" })
        {
            using var keys = JsonDocument.Parse((await smtpy.RunAsync("domain", "keys", name, "--json")).MustSucceed());
            foreach (var key in keys.RootElement.GetProperty("keys").EnumerateArray())
            {
                smtpy.Dns.Txt(key.GetProperty("record").GetString()!, key.GetProperty("value").GetString()!);
            }
        }
    }

    private static async Task SendAsync(SmtpyProcess smtpy, string to, string messageId)
    {
        using var conversation = await SmtpConversation.OpenAsync(smtpy.SmtpPort, Cancellation);
        var reply = await conversation.TransactAsync(
            "a@client.test", to, Encoding.ASCII.GetBytes($"From: a@client.test\r\nMessage-ID: {messageId}\r\nSubject: x\r\n\r\nbody\r\n"), cancellationToken: Cancellation);
        Assert.StartsWith("250", reply, StringComparison.Ordinal);
    }
}
