using Microsoft.Data.Sqlite;
using Smtpy.Core.Backups;
using static SQLitePCL.raw;

namespace Smtpy.Core.Storage.Sqlite;

/// <summary>
/// A copy of the database as it is at one moment, while others go on writing: VACUUM INTO reads in one transaction, which in WAL mode
/// keeps nobody waiting, and leaves out the pages of mail that was delivered long ago.
/// </summary>
internal static class SqliteSnapshot
{
    /// <param name="target">An empty file, or none.</param>
    /// <exception cref="StorageException">The database cannot be read, or the copy not written.</exception>
    public static Task WriteAsync(string database, string target, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            try
            {
                using var connection = Open(database);
                using var stop = cancellationToken.Register(() => sqlite3_interrupt(connection.Handle));
                using var command = connection.CreateCommand();
                command.CommandText = "VACUUM INTO $target";
                command.Parameters.AddWithValue("$target", target);
                command.CommandTimeout = 0;
                command.ExecuteNonQuery();
            }
            catch (SqliteException failure)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw SqliteFault.Translate(failure, failure.SqliteErrorCode is SQLITE_FULL or SQLITE_IOERR or SQLITE_CANTOPEN ? target : database);
            }
        },
        cancellationToken);

    /// <summary>What is in a copy that nobody else uses.</summary>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public static async Task<(SchemaVersion Schema, BackupCounts Holds)> DescribeAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = Open(path);
            async Task<long> RowsAsync(string table)
            {
                await using var command = connection.CreateCommand();
                command.CommandText = "SELECT count(*) FROM " + table;
                return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
            }

            return (
                await SqliteDatabase.ReadSchemaAsync(connection, cancellationToken),
                new BackupCounts(
                    await RowsAsync("accounts"), await RowsAsync("domains"), await RowsAsync("aliases"), await RowsAsync("deliveries WHERE state = 0")));
        }
        catch (SqliteException failure)
        {
            throw SqliteFault.Translate(failure, path);
        }
    }

    private static SqliteConnection Open(string database)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = database,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
        }.ToString());
        connection.Open();
        return connection;
    }
}
