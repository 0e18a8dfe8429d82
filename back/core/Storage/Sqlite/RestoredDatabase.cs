using Microsoft.Data.Sqlite;

namespace Smtpy.Core.Storage.Sqlite;

/// <summary>Makes a copy of a database, before it takes the place of another, ready to go on from.</summary>
internal static class RestoredDatabase
{
    /// <summary>
    /// Numbers of messages that are left out. Those given to messages since the copy was made are in return paths and other hosts' logs:
    /// given a second time, a bounce of the one would be taken for a bounce of the other.
    /// </summary>
    private const long NumbersLeftOut = 1_000_000;

    /// <param name="holdsQueue">True: what waits for its next attempt is held, for a person to release.</param>
    /// <param name="reason">Why, for who sees it there.</param>
    /// <returns>How many deliveries waited.</returns>
    /// <exception cref="StorageException">It is no sound database.</exception>
    public static long Prepare(string path, bool holdsQueue, string reason)
    {
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Mode = SqliteOpenMode.ReadWrite,
                Pooling = false,
            }.ToString());
            connection.Open();
            if (Scalar(connection, "PRAGMA quick_check(1)") is not "ok")
            {
                throw new StorageException("The database in it is damaged.");
            }

            // The pages go into the file itself: it is moved alone, without a log.
            Scalar(connection, "PRAGMA synchronous = FULL; PRAGMA journal_mode = DELETE");
            var waiting = (long)Scalar(connection, "SELECT count(*) FROM deliveries WHERE state = 0")!;
            Change(connection, holdsQueue, reason);
            Scalar(connection, "PRAGMA journal_mode = WAL");
            return waiting;
        }
        catch (SqliteException failure)
        {
            throw SqliteFault.Translate(failure, path);
        }
    }

    private static void Change(SqliteConnection connection, bool holdsQueue, string reason)
    {
        using var transaction = connection.BeginTransaction();
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "UPDATE counters SET value = value + $left WHERE name = $counter";
        command.Parameters.AddWithValue("$left", NumbersLeftOut);
        command.Parameters.AddWithValue("$counter", Model.CounterRow.MessageId);
        command.ExecuteNonQuery();
        if (holdsQueue)
        {
            // A copy of an older version's has no room for reasons yet.
            var hasReasons = Scalar(connection, "SELECT count(*) FROM pragma_table_info('deliveries') WHERE name = 'reason'") is 1L;
            command.CommandText = "UPDATE deliveries SET state = 4, lease = NULL, next_attempt_at = NULL" + (hasReasons ? ", reason = $reason" : "") + " WHERE state = 0";
            command.Parameters.AddWithValue("$reason", reason);
            command.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
