using Npgsql;

namespace Smtpy.Core.Storage.Postgres;

/// <summary>
/// A session's advisory lock: the server lets go of it when the process dies, however it dies, so a later one never waits for
/// the dead.
/// </summary>
internal sealed class MigrationLock : IAsyncDisposable
{
    /// <summary>A migration of large tables takes minutes, and the replica that waits for it is of no use before.</summary>
    private const string WaitFor = "SET lock_timeout = '10min'";

    private readonly NpgsqlConnection _connection;

    private MigrationLock(NpgsqlConnection connection) => _connection = connection;

    /// <exception cref="StorageException">Another process has held it for ten minutes, or the server is gone.</exception>
    public static async ValueTask<MigrationLock> TakeAsync(PostgresDatabase database, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(PostgresConnections.Lone(database.Location).ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand($"{WaitFor}; SELECT pg_advisory_lock({AdvisoryLocks.Migration}, 0)", connection);
            command.CommandTimeout = 0;
            await command.ExecuteNonQueryAsync(cancellationToken);
            return new MigrationLock(connection);
        }
        catch (Exception failure)
        {
            await connection.DisposeAsync();
            throw failure is NpgsqlException refused ? PostgresFault.Translate(refused, database.Description) : failure;
        }
    }

    /// <summary>The connection is not pooled: the session ends with it, and the lock with the session.</summary>
    public async ValueTask DisposeAsync() => await _connection.DisposeAsync();
}
