using System.Data.Common;

namespace Smtpy.Core.Storage;

/// <summary>
/// A connection that answers lookups, one at a time, and the statements it has prepared: a lookup is asked for every message, and
/// parsing its SQL costs more than running it. Disposing gives it back.
/// </summary>
/// <param name="giveBack">
/// Where it is kept. Null: the connection goes back to a pool that keeps what was prepared by itself, as Npgsql's does, whose commands
/// must not be used twice: after the second time they go on sending the parameters they had then.
/// </param>
public sealed class LookupSession(DbConnection connection, Action<LookupSession>? giveBack = null) : IAsyncDisposable
{
    private readonly Dictionary<string, DbCommand> _commands = new(StringComparer.Ordinal);
    private bool _broken;

    /// <summary>The command for a statement, without parameters yet. It is this session's: callers dispose what they read, not the command.</summary>
    /// <param name="sql">A constant: each different one is kept.</param>
    public DbCommand Command(string sql)
    {
        if (giveBack is null)
        {
            var passing = connection.CreateCommand();
            passing.CommandText = sql;
            return passing;
        }

        if (_commands.TryGetValue(sql, out var known))
        {
            known.Parameters.Clear();
            return known;
        }

        var command = connection.CreateCommand();
        command.CommandText = sql;
        _commands.Add(sql, command);
        return command;
    }

    /// <summary>Something went wrong on it: it is closed instead of given back.</summary>
    public void Break() => _broken = true;

    /// <summary>Ends it, for who keeps sessions and has enough of them.</summary>
    public void Close() => connection.Dispose();

    public ValueTask DisposeAsync()
    {
        if (giveBack is null || _broken)
        {
            return connection.DisposeAsync();
        }

        giveBack(this);
        return ValueTask.CompletedTask;
    }
}
