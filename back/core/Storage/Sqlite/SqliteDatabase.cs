using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace Smtpy.Core.Storage.Sqlite;

/// <summary>A SQLite file in WAL mode.</summary>
public sealed class SqliteDatabase : IDatabase
{
    private readonly string _connectionString;
    private readonly SqliteLookups _lookups;

    /// <summary>Made with the first context, so that a start without one does not load EF.</summary>
    private readonly Lazy<DbContextOptions<SqliteContext>> _options;

    /// <param name="path">The database file. It and its folder are created by <see cref="Prepare"/>.</param>
    public SqliteDatabase(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = Path,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = true,
            ForeignKeys = true,

            // Seconds that a use case waits while the group commit writer, or a backup, holds the write lock.
            DefaultTimeout = 30,
        }.ToString();
        _lookups = new SqliteLookups(this);
        _options = new(() => new DbContextOptionsBuilder<SqliteContext>().UseSqlite(_connectionString).Options);
    }

    public string Path { get; }

    private string UseFile => Path + ".use";

    public string Description => "sqlite:" + Path;

    public ProgramSchema Schema { get; } = new("20261129194601_RecipientKey", OldestProgram: "20261122190958_Initial");

    public void Prepare()
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            CreatePrivate();
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder(_connectionString)
            {
                Mode = SqliteOpenMode.ReadWriteCreate,
                Pooling = false,
            }.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = SqlitePragmas.NewDatabase;
            command.ExecuteNonQuery();
        }
        catch (Exception failure) when (failure is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw SqliteFault.Translate(failure, Path);
        }
    }

    /// <summary>Everybody's mail is in it: only this user may read a new database. SQLite gives its log the same mode.</summary>
    private void CreatePrivate()
    {
        if (!OperatingSystem.IsWindows() && !File.Exists(Path))
        {
            using var file = new FileStream(Path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
    }

    public async ValueTask<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch (SqliteException failure)
        {
            await connection.DisposeAsync();
            throw SqliteFault.Translate(failure, Path);
        }
    }

    public ValueTask<LookupSession> OpenLookupAsync(CancellationToken cancellationToken) => _lookups.TakeAsync(cancellationToken);

    public async ValueTask<SchemaVersion> ReadSchemaAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(Path))
        {
            return default;
        }

        await using var connection = await OpenAsync(cancellationToken);
        try
        {
            return await ReadSchemaAsync(connection, cancellationToken);
        }
        catch (SqliteException failure)
        {
            throw SqliteFault.Translate(failure, Path);
        }
    }

    public SmtpyContext CreateContext(RoutingChanges changes) => new SqliteContext(_options.Value, changes);

    /// <summary>None of our own: EF takes one in the file itself, and no replicas share it.</summary>
    public ValueTask<IAsyncDisposable> LockForMigrationAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IAsyncDisposable>(NothingToRelease.Instance);

    public Func<TimeProvider, ILoggerFactory, IChangeCarrier>? ChangeCarrier => null;

    public IDisposable Use() => UseLock.Share(UseFile);

    /// <summary>Held while another database takes the place of this one; nobody can work with either meanwhile.</summary>
    /// <exception cref="StorageException">Somebody does.</exception>
    internal IDisposable TakeAlone() => UseLock.TakeAlone(UseFile);

    public IMessageStore CreateMessageStore(
        MessageStoreOptions options, TimeProvider time, StorageMetrics metrics, ILoggerFactory loggers) =>
        new SqliteMessageStore(this, options, time, metrics, loggers.CreateLogger<SqliteMessageStore>());

    internal static async ValueTask<SchemaVersion> ReadSchemaAsync(DbConnection connection, CancellationToken cancellationToken) => new(
        await ReadAsync(connection, "__EFMigrationsHistory", "SELECT max(\"MigrationId\") FROM \"__EFMigrationsHistory\"", cancellationToken),
        await ReadAsync(connection, SchemaVersion.Table, SchemaVersion.ReadOldestProgram, cancellationToken));

    private static async ValueTask<string?> ReadAsync(DbConnection connection, string table, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM sqlite_master WHERE name = '{table}'";
        if (await command.ExecuteScalarAsync(cancellationToken) is 0L)
        {
            return null;
        }

        command.CommandText = sql;
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }
}
