using Npgsql;

namespace Smtpy.Core.Storage.Postgres;

/// <summary>The advisory lock of one lease, for the length of a transaction; see <see cref="AdvisoryLocks.Lease"/>.</summary>
internal static class LeaseLock
{
    private static readonly string SharedLock = $"SELECT pg_advisory_xact_lock_shared({AdvisoryLocks.Lease}, $1)";
    private static readonly string ExclusiveLock = $"SELECT pg_advisory_xact_lock({AdvisoryLocks.Lease}, $1)";
    private static readonly string TryExclusiveLock = $"SELECT pg_try_advisory_xact_lock({AdvisoryLocks.Lease}, $1)";

    public static NpgsqlBatchCommand Shared(long lease) => new(SharedLock) { Parameters = { Key(lease) } };

    public static NpgsqlBatchCommand Exclusive(long lease) => new(ExclusiveLock) { Parameters = { Key(lease) } };

    /// <summary>False where a transaction under the lease is still on its way.</summary>
    public static async Task<bool> TryTakeAsync(NpgsqlConnection connection, long lease, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(TryExclusiveLock, connection) { Parameters = { Key(lease) } };
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <summary>Leases that share the low 32 bits share a lock, which only makes one wait for the other.</summary>
    private static NpgsqlParameter<int> Key(long lease) => new() { TypedValue = unchecked((int)lease) };
}
