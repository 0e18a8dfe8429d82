using Npgsql;

namespace Smtpy.Core.Storage.Postgres;

/// <summary>Tells apart what PostgreSQL's errors mean to callers of the store.</summary>
internal static class PostgresFault
{
    /// <param name="description">The database, without a password.</param>
    public static StorageException Translate(Exception failure, string description) => failure switch
    {
        StorageException known => known,
        PostgresException
        {
            SqlState: PostgresErrorCodes.DiskFull or PostgresErrorCodes.OutOfMemory or PostgresErrorCodes.InsufficientResources
            or PostgresErrorCodes.ConfigurationLimitExceeded
        } full =>
            new StorageFullException($"No space is left for {description}: {full.MessageText}", failure),
        PostgresException refused => new StorageException($"The database {description} failed: {refused.SqlState} {refused.MessageText}", failure)
        {
            IsFateUnknown = IsFateUnknown(failure),
            IsPassing = IsPassing(failure),
        },
        _ => new StorageException($"The database {description} cannot be reached: {Innermost(failure)}", failure)
        {
            IsFateUnknown = IsFateUnknown(failure),
            IsPassing = IsPassing(failure),
        },
    };

    /// <summary>
    /// An ERROR reported by the server has rolled back. Anything else (a FATAL, a broken connection, no answer in time) may have
    /// come after the commit.
    /// </summary>
    public static bool IsFateUnknown(Exception failure) => failure is not PostgresException { InvariantSeverity: "ERROR" };

    /// <summary>
    /// True where the database is at fault; false where only the one write is: wrong data (22), a constraint (23), a conflict with
    /// another transaction (40), a program limit (54), a lock held for too long (55).
    /// </summary>
    public static bool IsOfDatabase(Exception failure) =>
        failure is not PostgresException { InvariantSeverity: "ERROR", SqlState: var state } || state[..2] is not ("22" or "23" or "40" or "54" or "55");

    /// <summary>True where what frees space may still get through.</summary>
    public static bool IsFull(Exception failure) => Translate(failure, "") is StorageFullException;

    /// <summary>True where the server is not there, starting, stopping or out of connections: to be tried again.</summary>
    private static bool IsPassing(Exception failure) => failure is PostgresException refused
        ? refused.SqlState.StartsWith("57P", StringComparison.Ordinal) || refused.SqlState is PostgresErrorCodes.TooManyConnections
        : failure is NpgsqlException;

    private static string Innermost(Exception failure) => failure.GetBaseException().Message.ReplaceLineEndings(" ");
}
