using Microsoft.Data.Sqlite;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Smtpy.Core.Storage.Sqlite;

/// <summary>The writer's own connection, used by its thread alone, with its statements prepared once.</summary>
internal sealed class SqliteWriteConnection : IDisposable
{
    /// <summary>SQLITE_DBSTATUS_CACHE_WRITE: pages written to the log over the life of the connection.</summary>
    private const int StatusCacheWrite = 9;

    private readonly sqlite3 _database;
    private readonly Dictionary<string, SqliteStatement> _statements = new(ByReference.Instance);

    private int _pagesAtFold;

    private SqliteWriteConnection(sqlite3 database) => _database = database;

    private int PagesWritten
    {
        get
        {
            _ = sqlite3_db_status(_database, StatusCacheWrite, out var written, out _, 0);
            return written;
        }
    }

    /// <exception cref="SqliteException">The file is missing, unreadable or not a database.</exception>
    public static SqliteWriteConnection Open(string path, TimeSpan busyTimeout)
    {
        Batteries_V2.Init();

        // One thread uses it, so SQLite's own locking of the connection is left out.
        var code = sqlite3_open_v2(path, out var database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, null);
        var connection = new SqliteWriteConnection(database);
        try
        {
            SqliteException.ThrowExceptionForRC(code, database);
            SqliteException.ThrowExceptionForRC(sqlite3_extended_result_codes(database, 1), database);
            SqliteException.ThrowExceptionForRC(sqlite3_busy_timeout(database, (int)busyTimeout.TotalMilliseconds), database);
            SqliteException.ThrowExceptionForRC(sqlite3_exec(database, SqlitePragmas.Writer), database);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <param name="sql">A constant: statements are kept by reference.</param>
    public SqliteStatement this[string sql]
    {
        get
        {
            if (!_statements.TryGetValue(sql, out var statement))
            {
                statement = new SqliteStatement(_database, sql);
                _statements.Add(sql, statement);
            }

            return statement;
        }
    }

    /// <summary>Takes the write lock at once, so that no statement of the transaction can fail for want of it.</summary>
    public void Begin() => this["BEGIN IMMEDIATE"].Run();

    public void Commit() => this["COMMIT"].Run();

    public void Rollback()
    {
        if (sqlite3_get_autocommit(_database) == 0)
        {
            this["ROLLBACK"].Run();
        }
    }

    /// <summary>Pages written to the write-ahead log since it was last folded by this connection.</summary>
    public int LogPages => PagesWritten - _pagesAtFold;

    /// <summary>Folds what it can of the write-ahead log into the database without waiting for readers.</summary>
    public void Checkpoint()
    {
        _pagesAtFold = PagesWritten;
        SqliteException.ThrowExceptionForRC(
            sqlite3_wal_checkpoint_v2(_database, "main", SQLITE_CHECKPOINT_PASSIVE, out _, out _), _database);
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _database.Dispose();
    }

    /// <summary>Statements are constants, interned: hashing their text on every use would cost more than binding them.</summary>
    private sealed class ByReference : IEqualityComparer<string>
    {
        public static readonly ByReference Instance = new();

        public bool Equals(string? x, string? y) => ReferenceEquals(x, y);

        public int GetHashCode(string obj) => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(obj);
    }
}
