using Microsoft.Data.Sqlite;
using Smtpy.Core.Backups;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Sqlite;

namespace Smtpy.Core.Tests.Backups;

/// <summary>A data folder with a database and keys, and a place beside it for backups.</summary>
public sealed class BackupFolder : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("smtpy-backup-");

    private BackupFolder()
    {
    }

    public string Data => Path.Combine(_root.FullName, "data");

    public string Archive => Path.Combine(_root.FullName, "backup.tar.gz");

    public ManualTime Time { get; } = new();

    public string DatabasePath => Path.Combine(Data, BackupContents.Database);

    /// <summary>With one account, named, and files that say which state they are of.</summary>
    public static async Task<BackupFolder> CreateAsync(string state = "old")
    {
        var folder = new BackupFolder();
        await folder.FillAsync(state);
        return folder;
    }

    /// <summary>Replaces everything in the data folder.</summary>
    public async Task FillAsync(string state)
    {
        Wreck();
        Directory.CreateDirectory(Path.Combine(Data, BackupContents.KeyRing));
        await File.WriteAllTextAsync(Path.Combine(Data, BackupContents.Secret), "secret of " + state);
        await File.WriteAllTextAsync(Path.Combine(Data, BackupContents.Settings), "{}");
        await File.WriteAllTextAsync(Path.Combine(Data, BackupContents.KeyRing, $"key-{state}.xml"), "<key/>");
        await MigrateAsync(DatabasePath);
        Execute($"INSERT INTO accounts (id, email, is_admin, created_at) VALUES ('{Guid.NewGuid():D}', '{state}@example.net', 1, 0)");
    }

    public Task<Outcome<BackupReport>> BackUpAsync(bool overwrite = false) => new TakeBackup(Time).RunAsync(
        new SqliteDatabase(DatabasePath), new BackupRequest(Archive, overwrite, Data, "0.1.0", "check"), CancellationToken.None);

    public Task<Outcome<RestoreReport>> RestoreAsync(bool holdsQueue = false, Action? beforeStep = null, string? database = null) =>
        new RestoreBackup(Time) { BeforeStep = beforeStep }.RunAsync(
            new RestoreRequest(
                Archive, Data, new SqliteDatabase(DatabasePath), _ => new SqliteDatabase(database ?? DatabasePath), holdsQueue),
            CancellationToken.None);

    /// <summary>Which state it is, where all parts of it agree.</summary>
    public string State()
    {
        var state = Text("SELECT email FROM accounts")!.Split('@')[0];
        Assert.Equal("secret of " + state, File.ReadAllText(Path.Combine(Data, BackupContents.Secret)));
        Assert.Equal([$"key-{state}.xml"], Directory.GetFiles(Path.Combine(Data, BackupContents.KeyRing)).Select(Path.GetFileName));
        return state;
    }

    public void Wreck()
    {
        if (Directory.Exists(Data))
        {
            // An idle connection would go on with the file that is deleted.
            SqliteConnection.ClearAllPools();
            Directory.Delete(Data, recursive: true);
        }
    }

    public void Execute(string sql) => Run(sql, static command => command.ExecuteNonQuery());

    public string? Text(string sql, string? path = null) => Run(sql, static command => command.ExecuteScalar(), path)?.ToString();

    public void Dispose() => _root.Delete(recursive: true);

    private static async Task MigrateAsync(string path)
    {
        var database = new SqliteDatabase(path);
        await new DatabaseMigrator(database, () => database.CreateContext(new RoutingChanges())).MigrateAsync(CancellationToken.None);
        SqliteConnection.ClearAllPools();
    }

    private T Run<T>(string sql, Func<SqliteCommand, T> run, string? path = null)
    {
        using var connection = new SqliteConnection($"Data Source={path ?? DatabasePath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return run(command);
    }
}
