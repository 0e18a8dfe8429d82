using Npgsql;
using NpgsqlTypes;

namespace Smtpy.Core.Storage.Postgres.Writes;

/// <summary>Rows for the octets of messages, and messages whose octets nobody needs.</summary>
internal sealed class PartRows
{
    public const string Delete = "DELETE FROM message_parts WHERE message_id = ANY($1)";

    private const string Insert = "INSERT INTO message_parts (message_id, part, stored_at, octets) SELECT * FROM unnest($1, $2, $3, $4)";

    private readonly Column<long> _messageId = new(NpgsqlDbType.Bigint);
    private readonly Column<int> _part = new(NpgsqlDbType.Integer);
    private readonly Column<long> _storedAt = new(NpgsqlDbType.Bigint);
    private readonly Column<ReadOnlyMemory<byte>> _octets = new(NpgsqlDbType.Bytea);
    private readonly Column<long> _removed = new(NpgsqlDbType.Bigint);

    public void Add(long messageId, int part, DateTimeOffset storedAt, ReadOnlyMemory<byte> octets)
    {
        _messageId.Add(messageId);
        _part.Add(part);
        _storedAt.Add(storedAt.ToUnixTimeMilliseconds());
        _octets.Add(octets);
    }

    public void Remove(long messageId) => _removed.Add(messageId);

    public void Clear()
    {
        _messageId.Clear();
        _part.Clear();
        _storedAt.Clear();
        _octets.Clear();
        _removed.Clear();
    }

    public void AppendTo(NpgsqlBatch batch)
    {
        if (_messageId.Count > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(Insert)
            {
                Parameters = { _messageId.Parameter, _part.Parameter, _storedAt.Parameter, _octets.Parameter },
            });
        }

        if (_removed.Count > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(Delete) { Parameters = { _removed.Parameter } });
        }
    }
}
