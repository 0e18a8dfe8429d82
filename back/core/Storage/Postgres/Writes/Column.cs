using Npgsql;
using NpgsqlTypes;

namespace Smtpy.Core.Storage.Postgres.Writes;

/// <summary>One column of many rows, sent as one array parameter and taken apart by unnest.</summary>
internal sealed class Column<T>(NpgsqlDbType type) : List<T>
{
    public NpgsqlParameter Parameter => new NpgsqlParameter<List<T>> { TypedValue = this, NpgsqlDbType = NpgsqlDbType.Array | type };
}
