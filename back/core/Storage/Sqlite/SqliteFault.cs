using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Smtpy.Core.Storage.Sqlite;

/// <summary>Tells apart what SQLite's errors mean to callers of the store.</summary>
internal static class SqliteFault
{
    /// <summary>Below this, an I/O error is taken for a full disk: SQLite reports some of those as plain I/O errors.</summary>
    private const long FullBelow = 1024 * 1024;

    public static StorageException Translate(Exception failure, string path) => failure switch
    {
        StorageException known => known,
        SqliteException { SqliteErrorCode: SQLITE_FULL } => new StorageFullException($"No space is left for {path}.", failure),
        SqliteException { SqliteErrorCode: SQLITE_IOERR } or IOException when IsDiskFull(path) =>
            new StorageFullException($"No space is left for {path}.", failure),
        SqliteException { SqliteErrorCode: SQLITE_BUSY or SQLITE_LOCKED } =>
            new StorageException($"Another program holds the write lock of {path}.", failure),
        _ => new StorageException($"The database {path} failed: {failure.Message}", failure),
    };

    /// <summary>True where the database is at fault; false where only the one operation is (a constraint, a wrong value).</summary>
    public static bool IsOfDatabase(Exception failure) =>
        failure is SqliteException { SqliteErrorCode: not (SQLITE_CONSTRAINT or SQLITE_TOOBIG or SQLITE_MISMATCH or SQLITE_RANGE) };

    /// <summary>True where a smaller operation may still succeed.</summary>
    public static bool IsFull(Exception failure, string path) => Translate(failure, path) is StorageFullException;

    private static bool IsDiskFull(string path)
    {
        try
        {
            return new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace < FullBelow;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }
}
