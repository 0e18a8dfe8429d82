namespace Smtpy.Core.Storage.Postgres;

/// <summary>What the store reads.</summary>
internal sealed class PostgresReader(PostgresSession session)
{
    private const string Part = "SELECT octets FROM message_parts WHERE message_id = $1 AND part = $2";

    /// <summary>Each process hands out ids of its own blocks, so the lowest id need not be the oldest. Reports are kept, not waiting for anybody.</summary>
    private const string Depth =
        """
        SELECT
            (SELECT count(*) FROM deliveries WHERE state = 0),
            (SELECT count(*) FROM deliveries WHERE state IN (3, 4) AND state = 3),
            (SELECT count(*) FROM deliveries WHERE state IN (3, 4) AND state = 4 AND kind <> 3),
            (SELECT min(m.received_at) FROM deliveries d JOIN messages m ON m.id = d.message_id WHERE d.state = 0)
        """;

    public async ValueTask<byte[]?> PartAsync(long messageId, int part, CancellationToken cancellationToken) =>
        (await session.RowsAsync(Part, static row => row.GetFieldValue<byte[]>(0), cancellationToken, messageId, part)).FirstOrDefault();

    public async Task<QueueDepth> QueueAsync(CancellationToken cancellationToken) =>
        (await session.RowsAsync(
            Depth,
            static row => new QueueDepth(
                row.GetInt64(0), row.GetInt64(1), row.GetInt64(2),
                row.IsDBNull(3) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3))),
            cancellationToken))[0];
}
