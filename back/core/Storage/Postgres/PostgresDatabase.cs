using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Smtpy.Core.Storage.Postgres;

/// <summary>A database on a PostgreSQL server; any number of processes share it.</summary>
public sealed class PostgresDatabase : IDatabase, IAsyncDisposable
{
    private readonly PostgresOptions _options;
    private readonly NpgsqlDataSource _source;

    /// <summary>Made with the first context, so that a start without one does not load EF.</summary>
    private readonly Lazy<DbContextOptions<PostgresContext>> _contextOptions;

    /// <remarks>Connects to nothing yet.</remarks>
    public PostgresDatabase(PostgresLocation location, PostgresOptions options)
    {
        (Location, _options) = (location, options);
        _source = NpgsqlDataSource.Create(PostgresConnections.Pool(location, options));
        _contextOptions = new(() => new DbContextOptionsBuilder<PostgresContext>().UseNpgsql(_source).Options);
    }

    public PostgresLocation Location { get; }

    public string Description => Location.ToString();

    public ProgramSchema Schema { get; } = new("20261129194607_RecipientKey", OldestProgram: "20261122221403_Initial");

    /// <summary>A database is made by who gives us a user for it.</summary>
    public void Prepare()
    {
    }

    public async ValueTask<IAsyncDisposable> LockForMigrationAsync(CancellationToken cancellationToken) =>
        await MigrationLock.TakeAsync(this, cancellationToken);

    async ValueTask<DbConnection> IDatabase.OpenAsync(CancellationToken cancellationToken) => await OpenAsync(cancellationToken);

    /// <exception cref="StorageException">The server cannot be reached or refuses us.</exception>
    public async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _source.OpenConnectionAsync(cancellationToken);
        }
        catch (NpgsqlException failure)
        {
            // Nothing was sent, so nothing can have been stored.
            var translated = PostgresFault.Translate(failure, Description);
            throw translated is StorageFullException
                ? translated
                : new StorageException(translated.Message, failure) { IsPassing = translated.IsPassing };
        }
    }

    /// <remarks>The pool keeps what each of its connections has prepared.</remarks>
    public async ValueTask<LookupSession> OpenLookupAsync(CancellationToken cancellationToken) => new(await OpenAsync(cancellationToken));

    public async ValueTask<SchemaVersion> ReadSchemaAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        try
        {
            return new SchemaVersion(
                await ReadAsync(connection, "SELECT max(\"MigrationId\") FROM \"__EFMigrationsHistory\"", cancellationToken),
                await ReadAsync(connection, SchemaVersion.ReadOldestProgram, cancellationToken));
        }
        catch (NpgsqlException failure)
        {
            throw PostgresFault.Translate(failure, Description);
        }
    }

    public SmtpyContext CreateContext(RoutingChanges changes) => new PostgresContext(_contextOptions.Value, changes);

    public IMessageStore CreateMessageStore(
        MessageStoreOptions options, TimeProvider time, StorageMetrics metrics, ILoggerFactory loggers) =>
        new PostgresMessageStore(this, options, _options.Writers, time, metrics, loggers.CreateLogger<PostgresMessageStore>());

    /// <summary>Nobody but the server replaces its files.</summary>
    public IDisposable Use() => NothingToRelease.Instance;

    public Func<TimeProvider, ILoggerFactory, IChangeCarrier>? ChangeCarrier =>
        (time, loggers) => new PostgresChangeCarrier(this, time, loggers.CreateLogger<PostgresChangeCarrier>());

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    /// <summary>For the writers, which keep theirs.</summary>
    /// <exception cref="NpgsqlException">The server cannot be reached or refuses us.</exception>
    internal NpgsqlConnection OpenWriter() => _source.OpenConnection();

    /// <summary>
    /// A session that began while the database was read-only (a standby, or by its settings) stays so when that is over, and would
    /// come back from the pool for ever.
    /// </summary>
    internal void ForgetIfStale(Exception failure)
    {
        if (failure is PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction })
        {
            Forget();
        }
    }

    /// <summary>Drops idle connections: after a failover they lead to a server that no longer writes.</summary>
    internal void Forget() => _source.Clear();

    private static async ValueTask<string?> ReadAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        try
        {
            return await command.ExecuteScalarAsync(cancellationToken) as string;
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            return null;
        }
    }
}
