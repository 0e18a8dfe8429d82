using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Smtpy.Core.Storage.Sqlite;

/// <summary>
/// A prepared statement that is used again and again. Straight on the native library: with ADO.NET's parameters, boxing and
/// reader objects, driving SQLite costs more than SQLite itself.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private const int StackLimit = 512;
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public SqliteStatement(sqlite3 database, string sql)
    {
        _database = database;
        SqliteException.ThrowExceptionForRC(sqlite3_prepare_v3(database, sql, SQLITE_PREPARE_PERSISTENT, out _statement), database);
    }

    /// <summary>Binds parameter ?1, ?2, …; a binding stays until it is replaced.</summary>
    public SqliteStatement Bind(int parameter, long value) => Checked(sqlite3_bind_int64(_statement, parameter, value));

    public SqliteStatement Bind(int parameter, long? value) =>
        Checked(value is { } some ? sqlite3_bind_int64(_statement, parameter, some) : sqlite3_bind_null(_statement, parameter));

    public SqliteStatement Bind(int parameter, DateTimeOffset instant) => Bind(parameter, instant.ToUnixTimeMilliseconds());

    public SqliteStatement Bind(int parameter, DateTimeOffset? instant) => Bind(parameter, instant?.ToUnixTimeMilliseconds());

    public SqliteStatement Bind(int parameter, ReadOnlySpan<byte> octets) => Checked(sqlite3_bind_blob(_statement, parameter, octets));

    /// <summary>In the byte order that EF and Microsoft.Data.Sqlite use.</summary>
    public SqliteStatement Bind(int parameter, Guid? value)
    {
        if (value is not { } some)
        {
            return Checked(sqlite3_bind_null(_statement, parameter));
        }

        Span<byte> octets = stackalloc byte[16];
        some.TryWriteBytes(octets);
        return Bind(parameter, octets);
    }

    public SqliteStatement Bind(int parameter, string? text)
    {
        if (text is null)
        {
            return Checked(sqlite3_bind_null(_statement, parameter));
        }

        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most <= StackLimit)
        {
            Span<byte> octets = stackalloc byte[StackLimit];
            return BindText(parameter, octets[..Encoding.UTF8.GetBytes(text, octets)]);
        }

        var rented = ArrayPool<byte>.Shared.Rent(most);
        try
        {
            return BindText(parameter, rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <returns>True with a row to read, false at the end.</returns>
    public bool Step()
    {
        var code = sqlite3_step(_statement);
        if (code == SQLITE_ROW)
        {
            return true;
        }

        // The reset reports the same error again, so only the step's is looked at.
        var failure = code is SQLITE_DONE ? null : Capture(code);
        _ = sqlite3_reset(_statement);
        return failure is null ? false : throw failure;
    }

    /// <summary>Runs to the end.</summary>
    /// <returns>Rows changed.</returns>
    public int Run()
    {
        while (Step())
        {
        }

        return sqlite3_changes(_database);
    }

    public long Integer(int column) => sqlite3_column_int64(_statement, column);

    /// <summary>Null for NULL.</summary>
    public string? TextOrNull(int column) => sqlite3_column_type(_statement, column) == SQLITE_NULL ? null : Text(column);

    /// <summary>In the byte order that EF and Microsoft.Data.Sqlite use; null for NULL.</summary>
    public Guid? Identity(int column) =>
        sqlite3_column_type(_statement, column) == SQLITE_NULL ? null : new Guid(sqlite3_column_blob(_statement, column));

    public string Text(int column) => sqlite3_column_text(_statement, column).utf8_to_string();

    /// <summary>Leaves a statement that was not run to its end.</summary>
    public void Reset() => _ = sqlite3_reset(_statement);

    public void Dispose() => _statement.Dispose();

    private SqliteStatement BindText(int parameter, ReadOnlySpan<byte> octets) =>
        Checked(sqlite3_bind_text(_statement, parameter, octets));

    private SqliteStatement Checked(int code)
    {
        SqliteException.ThrowExceptionForRC(code, _database);
        return this;
    }

    private SqliteException Capture(int code) =>
        new($"SQLite Error {code}: '{sqlite3_errmsg(_database).utf8_to_string()}'.", code & 0xFF, sqlite3_extended_errcode(_database));
}
