using System.Diagnostics;
using System.Globalization;
using System.Net;
using Smtpy.Tests.Support;
using Xunit;

namespace Smtpy.Deployment;

/// <summary>Data in, backup, everything destroyed, restore, everything there.</summary>
[Stage(9)]
public sealed class BackupTests(Site site)
{
    /// <summary>Every table's rows and what they hold, in one line each.</summary>
    private const string Contents =
        """
        docker exec smtpy-db-1 psql -U smtpy -d smtpy -Atc "
          SELECT table_name || ' ' || (xpath('/row/c/text()', query_to_xml(format('SELECT count(*) || ''-'' || coalesce(md5(string_agg(t::text, '''' ORDER BY t::text)), '''') AS c FROM %I t', table_name), false, true, '')))[1]::text
          FROM information_schema.tables WHERE table_schema = 'public' AND table_name NOT IN ('leases', 'counters') ORDER BY 1"
        """;

    [Fact]
    public async Task A_backup_is_checked_before_it_is_believed_and_old_ones_go()
    {
        await site.RunAsync("rm -rf backups/smtpy-*");
        for (var i = 0; i < 3; i++)
        {
            await site.RunAsync("./scripts/backup.sh --keep 2");
        }

        var files = Backups();
        Assert.Equal(2, files.Length);
        var octets = await File.ReadAllBytesAsync(files[^1], TestContext.Current.CancellationToken);
        var broken = Path.Combine(site.Folder, "backups", "smtpy-broken.dump");
        octets[octets.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(broken, octets, TestContext.Current.CancellationToken);
        File.Copy(files[^1] + ".sha256", broken + ".sha256");
        var before = await site.RunAsync(Contents);
        var result = await site.TryAsync($"./scripts/restore.sh --yes {broken}");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Equal(before, await site.RunAsync(Contents));
        site.Measured.Add(GuideRow.Restore, "a broken one was refused, the database unchanged");
        File.Delete(broken);
        File.Delete(broken + ".sha256");
    }

    [Fact]
    public async Task An_updates_backup_is_made_as_the_settings_say_and_removes_no_other()
    {
        await site.RunAsync("openssl rand -base64 32 > settings.key && chmod 600 settings.key");
        var before = Backups();
        site.Set("BACKUP_KEEP", "1");
        site.Set("BACKUP_KEY_FILE", "settings.key");
        try
        {
            await site.RunAsync("./scripts/update.sh --no-pull --no-save");
            var made = Assert.Single(Backups().Except(before, StringComparer.Ordinal));
            Assert.EndsWith(".enc", made, StringComparison.Ordinal);
            Assert.Equal(before.Length + 1, Backups().Length);
            await site.RunAsync($"openssl enc -d -aes-256-cbc -pbkdf2 -iter 600000 -pass file:settings.key -in {made} | docker exec -i smtpy-db-1 pg_restore --file /dev/null");
            File.Delete(made);
            File.Delete(made + ".sha256");
        }
        finally
        {
            site.Set("BACKUP_KEEP", "");
            site.Set("BACKUP_KEY_FILE", "");
        }
    }

    [Fact]
    public async Task A_backup_that_cannot_be_made_says_so()
    {
        var result = await site.TryAsync("docker stop smtpy-db-1 >/dev/null; ./scripts/backup.sh; code=$?; docker start smtpy-db-1 >/dev/null; exit $code");
        Assert.NotEqual(0, result.ExitCode);
        Assert.NotEmpty(result.Error.Trim());
        Assert.Equal(2, Backups().Length);
        await site.UntilHealthyAsync("smtpy-db-1");
    }

    [Fact]
    public async Task After_the_database_is_destroyed_a_restore_brings_everything_back()
    {
        await site.RunAsync("openssl rand -base64 32 > backup.key && chmod 600 backup.key");
        var before = await site.RunAsync(Contents);
        var started = Stopwatch.GetTimestamp();
        await site.RunAsync("./scripts/backup.sh --key-file backup.key");
        site.Measured.Add(GuideRow.Backup, $"dumped, compressed, encrypted, read back: {StartTests.Seconds(started)} for a small database");
        var file = Backups().Single(static name => name.EndsWith(".enc", StringComparison.Ordinal));
        var taken = Stopwatch.GetTimestamp();
        await site.SmtpyAsync($"alias add late@{Site.AliasDomain} --to {Site.Owner}");
        var exposed = StartTests.Seconds(taken);

        await site.ComposeAsync("rm --stop --force db");
        await site.RunAsync("docker volume rm smtpy_postgres_data");
        started = Stopwatch.GetTimestamp();
        await site.ComposeAsync("up -d");
        await site.UntilHealthyAsync("smtpy-db-1");
        await site.RunAsync($"./scripts/restore.sh --key-file backup.key --yes {file}");

        // Before the key is used, which is noted in its row.
        Assert.Equal(before, await site.RunAsync(Contents));
        using var web = new Web { Key = site.ApiKey };
        await Until.TrueAsync(
            "the API answers with the old key", async () => (await web.GetAsync("api/v1/aliases?page[size]=1")).Status == HttpStatusCode.OK);
        var recovered = StartTests.Seconds(started);
        Assert.DoesNotContain("late@", await site.SmtpyAsync("alias list --json"), StringComparison.Ordinal);
        site.Measured.Add(
            GuideRow.Disaster,
            $"RTO {recovered}; RPO what came after the last backup, here {exposed} old: the one alias made since, nothing else. With a backup an hour at most an hour's");
        site.Measured.Add(GuideRow.Restore, "a whole one was restored");

        await World.SendAsync("restored@sender.test", "shop@" + Site.AliasDomain);
        await Until.TrueAsync(
            "mail goes to an alias from the backup", async () => (await World.MailboxAsync("jane")).Contains("<restored@sender.test>"));
        site.Measured.Add(GuideRow.Integrity, string.Create(CultureInfo.InvariantCulture, $"the same in all {before.Split('\n').Length} tables"));
    }

    private string[] Backups() =>
        [.. Directory.GetFiles(Path.Combine(site.Folder, "backups"), "smtpy-*.dump*").Where(static name => !name.EndsWith(".sha256", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
}
