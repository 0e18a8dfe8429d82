namespace Smtpy.Core.Storage.Sqlite.Operations;

/// <summary>
/// The lease of this process. Only one process at a time has the lock file, so whatever else is leased when it starts belongs
/// to the dead and is freed at once.
/// </summary>
internal sealed class TakeLease(DateTimeOffset expiresAt) : WriteOperation<long>
{
    public const string Insert = "INSERT INTO leases (id, expires_at) VALUES (?1, ?2)";

    protected override long Write(SqliteWriteConnection connection)
    {
        connection["UPDATE deliveries SET lease = NULL WHERE state = 0 AND lease IS NOT NULL"].Run();
        connection["DELETE FROM leases"].Run();
        var id = ReserveNumbers.Reserve(connection, Model.CounterRow.LeaseId, 1);
        connection[Insert].Bind(1, id).Bind(2, expiresAt).Run();
        return id;
    }
}

/// <summary>False: the lease had expired. It is taken anew, empty, so that the process can go on with other deliveries.</summary>
internal sealed class RenewLease(long lease, DateTimeOffset now, DateTimeOffset expiresAt) : WriteOperation<bool>
{
    protected override bool Write(SqliteWriteConnection connection)
    {
        if (connection["UPDATE leases SET expires_at = ?3 WHERE id = ?1 AND expires_at > ?2"]
            .Bind(1, lease).Bind(2, now).Bind(3, expiresAt).Run() > 0)
        {
            return true;
        }

        ReleaseLease.Release(connection, lease);
        connection[TakeLease.Insert].Bind(1, lease).Bind(2, expiresAt).Run();
        return false;
    }
}

/// <summary>Ends a lease: all that names it is free for any process.</summary>
internal sealed class ReleaseLease(long lease) : WriteOperation<bool>
{
    public static void Release(SqliteWriteConnection connection, long lease)
    {
        connection["UPDATE deliveries SET lease = NULL WHERE state = 0 AND lease = ?1"].Bind(1, lease).Run();
        connection["DELETE FROM leases WHERE id = ?1"].Bind(1, lease).Run();
    }

    protected override bool Write(SqliteWriteConnection connection)
    {
        Release(connection, lease);
        return true;
    }
}

/// <summary>Reserves numbers of a counter.</summary>
internal sealed class ReserveNumbers(string counter, int count) : WriteOperation<long>
{
    /// <returns>The last number reserved; the others are the ones just below.</returns>
    public static long Reserve(SqliteWriteConnection connection, string counter, int count)
    {
        var statement = connection["UPDATE counters SET value = value + ?2 WHERE name = ?1 RETURNING value"]
            .Bind(1, counter).Bind(2, count);
        if (!statement.Step())
        {
            throw new StorageException($"The counter {counter} is missing: the database is damaged.");
        }

        var value = statement.Integer(0);
        statement.Run();
        return value;
    }

    protected override long Write(SqliteWriteConnection connection) => Reserve(connection, counter, count);
}
