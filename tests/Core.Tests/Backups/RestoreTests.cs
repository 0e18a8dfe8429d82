using Smtpy.Core.Backups;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Sqlite;

namespace Smtpy.Core.Tests.Backups;

public sealed class RestoreTests
{
    [Fact]
    public async Task What_was_backed_up_comes_back_and_what_was_there_is_kept()
    {
        using var folder = await BackupFolder.CreateAsync("then");
        var backup = await folder.BackUpAsync();
        Assert.Equal(new BackupCounts(1, 0, 0, 0), backup.Value!.Manifest.Holds);
        await folder.FillAsync("now");

        var report = (await folder.RestoreAsync()).Value!;

        Assert.Equal("then", folder.State());
        var kept = Assert.Single(report.Kept);
        Assert.Equal("secret of now", await File.ReadAllTextAsync(Path.Combine(kept, BackupContents.Secret), TestContext.Current.CancellationToken));
        Assert.Equal("now@example.net", folder.Text("SELECT email FROM accounts", Path.Combine(kept, BackupContents.Database)));
        Assert.Equal("wal", folder.Text("PRAGMA journal_mode"));
        Assert.False(Path.Exists(Path.Combine(folder.Data, "restoring")));
    }

    [Fact]
    public async Task A_folder_that_is_gone_is_made_anew_for_this_user_only()
    {
        using var folder = await BackupFolder.CreateAsync();
        await folder.BackUpAsync();
        folder.Wreck();

        Assert.Empty((await folder.RestoreAsync()).Value!.Kept);

        Assert.Equal("old", folder.State());
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode onlyUs = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            Assert.Equal(onlyUs | UnixFileMode.UserExecute, File.GetUnixFileMode(folder.Data));
            Assert.Equal(onlyUs, File.GetUnixFileMode(folder.DatabasePath));
            Assert.Equal(onlyUs, File.GetUnixFileMode(folder.Archive));
        }
    }

    [Fact]
    public async Task A_restore_that_is_cut_off_anywhere_leaves_the_old_or_the_new()
    {
        var states = new List<string>();
        for (var steps = 0; states.Count == 0 || steps <= states.Count; steps++)
        {
            using var folder = await BackupFolder.CreateAsync("then");
            await folder.BackUpAsync();
            await folder.FillAsync("now");
            var left = steps;
            try
            {
                await folder.RestoreAsync(beforeStep: () => _ = left-- > 0 ? 0 : throw new CrashException());
                break;
            }
            catch (CrashException)
            {
                AssertNobodyWorksWithSomeOfEach(folder);
                RestoreBackup.FinishInterrupted(folder.Data);
                states.Add(folder.State());
            }
        }

        Assert.Equal("now", states[0]);
        Assert.All(states.Skip(1), state => Assert.Equal("then", state));
        Assert.InRange(states.Count, 12, 100);
    }

    [Fact]
    public async Task A_cut_off_restore_is_finished_where_the_folder_has_another_name_by_then()
    {
        using var folder = await BackupFolder.CreateAsync("then");
        await folder.BackUpAsync();
        await folder.FillAsync("now");
        var left = 3;
        await Assert.ThrowsAsync<CrashException>(() => folder.RestoreAsync(beforeStep: () => _ = left-- > 0 ? 0 : throw new CrashException()));
        var moved = folder.Data + "-mounted";
        Directory.Move(folder.Data, moved);

        RestoreBackup.FinishInterrupted(moved);

        Directory.Move(moved, folder.Data);
        Assert.Equal("then", folder.State());
    }

    [Fact]
    public async Task A_log_of_the_old_database_is_never_read_into_the_new_one()
    {
        using var folder = await BackupFolder.CreateAsync("then");
        await folder.BackUpAsync();
        await folder.FillAsync("now");
        foreach (var suffix in new[] { "-wal", "-shm", "-journal" })
        {
            await File.WriteAllTextAsync(folder.DatabasePath + suffix, "of the old one", TestContext.Current.CancellationToken);
        }

        var kept = Assert.Single((await folder.RestoreAsync()).Value!.Kept);

        Assert.Equal("then", folder.State());
        Assert.True(File.Exists(Path.Combine(kept, BackupContents.Database + "-wal")));
        Assert.False(File.Exists(folder.DatabasePath + "-journal"));
    }

    [Fact]
    public async Task The_database_goes_where_the_settings_that_come_back_say()
    {
        using var folder = await BackupFolder.CreateAsync("then");
        await folder.BackUpAsync();
        var elsewhere = Path.Combine(folder.Data + "-elsewhere", "mail.sqlite");

        Assert.True((await folder.RestoreAsync(database: elsewhere)).Succeeded);

        Assert.Equal("then@example.net", folder.Text("SELECT email FROM accounts", elsewhere));
        Assert.Equal(["mail.sqlite", "mail.sqlite.use"], Directory.GetFileSystemEntries(Path.GetDirectoryName(elsewhere)!).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData(false, 0, null)]
    [InlineData(true, 4, "waited when the backup of 2026-01-05 08:00:00Z was made")]
    public async Task What_waited_is_tried_again_or_held_as_is_asked_for(bool holdsQueue, int state, string? reason)
    {
        using var folder = await BackupFolder.CreateAsync();
        folder.Execute(
            "INSERT INTO deliveries (message_id, ordinal, alias_address, recipient, state, attempts, next_attempt_at, lease) VALUES (7, 0, 'a@a.test', 'b@b.test', 0, 1, 5, 3)");
        folder.Execute("INSERT INTO deliveries (message_id, ordinal, alias_address, recipient, state, attempts) VALUES (8, 0, 'a@a.test', 'b@b.test', 1, 1)");
        Assert.Equal(1, (await folder.BackUpAsync()).Value!.Manifest.Holds!.Waiting);

        Assert.Equal(1, (await folder.RestoreAsync(holdsQueue)).Value!.Waiting);

        Assert.Equal($"{state}", folder.Text("SELECT state FROM deliveries WHERE message_id = 7"));
        Assert.Equal(reason ?? "", folder.Text("SELECT reason FROM deliveries WHERE message_id = 7") ?? "");
        Assert.Equal("1", folder.Text("SELECT state FROM deliveries WHERE message_id = 8"));
    }

    [Fact]
    public async Task Numbers_of_messages_that_came_after_the_backup_are_not_given_again()
    {
        using var folder = await BackupFolder.CreateAsync();
        folder.Execute("UPDATE counters SET value = 500 WHERE name = 'message_id'");
        await folder.BackUpAsync();
        await folder.RestoreAsync();
        Assert.Equal("1000500", folder.Text("SELECT value FROM counters WHERE name = 'message_id'"));
    }

    [Fact]
    public async Task A_backup_of_an_older_schema_is_taken_and_one_of_a_newer_is_refused()
    {
        using var folder = await BackupFolder.CreateAsync("then");
        var last = new SqliteDatabase(folder.DatabasePath).Schema.Latest;
        folder.Execute($"DELETE FROM \"__EFMigrationsHistory\" WHERE \"MigrationId\" = '{last}'");
        await folder.BackUpAsync();
        Assert.True((await folder.RestoreAsync()).Succeeded);

        folder.Execute("INSERT INTO \"__EFMigrationsHistory\" VALUES ('99990101000000_Later', '99'); UPDATE schema_compatibility SET oldest_program = '99990101000000_Later'");
        await folder.BackUpAsync(overwrite: true);
        await folder.FillAsync("now");
        var refused = await folder.RestoreAsync();
        Assert.Contains("newer version", refused.Problem!.Message, StringComparison.Ordinal);
        Assert.Equal("now", folder.State());
    }

    [Fact]
    public async Task Nothing_is_replaced_while_somebody_works_with_the_database_and_nobody_can_while_it_is()
    {
        using var folder = await BackupFolder.CreateAsync();
        await folder.BackUpAsync();
        var database = new SqliteDatabase(folder.DatabasePath);
        using (database.Use())
        using (database.Use())
        {
            Assert.Contains("stop it first", (await Assert.ThrowsAsync<StorageException>(() => folder.RestoreAsync())).Message, StringComparison.Ordinal);
        }

        using (database.TakeAlone())
        {
            Assert.Contains("restore", Assert.Throws<StorageException>(database.Use).Message, StringComparison.Ordinal);
        }

        Assert.True((await folder.RestoreAsync()).Succeeded);
    }

    [Fact]
    public async Task A_backup_replaces_a_file_only_when_told_and_leaves_nothing_beside_it()
    {
        using var folder = await BackupFolder.CreateAsync();
        await File.WriteAllTextAsync(folder.Archive, "mine", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.Archive + ".partial", "of one that was killed", TestContext.Current.CancellationToken);
        Assert.Contains("--force", (await folder.BackUpAsync()).Problem!.Message, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(folder.Archive, TestContext.Current.CancellationToken));

        Assert.True((await folder.BackUpAsync(overwrite: true)).Succeeded);

        Assert.Equal([folder.Archive], Directory.GetFiles(Path.GetDirectoryName(folder.Archive)!));
    }

    [Fact]
    public async Task A_database_that_is_damaged_is_not_backed_up_and_leaves_no_file()
    {
        using var folder = await BackupFolder.CreateAsync();
        await using (var file = File.OpenWrite(folder.DatabasePath))
        {
            file.Position = 8192;
            await file.WriteAsync(new byte[16384], TestContext.Current.CancellationToken);
        }

        await Assert.ThrowsAsync<StorageException>(() => folder.BackUpAsync());
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(folder.Archive)!));
    }

    /// <summary>Whoever looked for a plan before there was one is refused where there is one.</summary>
    private static void AssertNobodyWorksWithSomeOfEach(BackupFolder folder)
    {
        var database = new SqliteDatabase(folder.DatabasePath);
        if (File.Exists(Path.Combine(folder.Data, "restoring.json")))
        {
            Assert.Contains("cut off", Assert.Throws<StorageException>(() => RestoreBackup.Use(database, folder.Data)).Message, StringComparison.Ordinal);
        }
        else
        {
            RestoreBackup.Use(database, folder.Data).Dispose();
        }
    }

    private sealed class CrashException : Exception;
}
