using Npgsql;
using NpgsqlTypes;

namespace Smtpy.Core.Storage.Postgres.Writes;

/// <summary>How attempts ended. Rows that this process no longer holds are left as they are.</summary>
internal sealed class ReportRows
{
    private const string Update =
        """
        UPDATE deliveries d SET state = r.state, attempts = d.attempts + 1, next_attempt_at = r.next_attempt_at, lease = NULL,
            last_reply = r.reply, remote_host = r.host, last_attempt_at = r.at, finished_at = r.finished_at, tls = r.tls,
            reason = coalesce(r.reason, d.reason)
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            AS r (message_id, ordinal, state, next_attempt_at, reply, host, at, finished_at, tls, reason)
        WHERE d.message_id = r.message_id AND d.ordinal = r.ordinal AND d.state = 0 AND d.lease = $11
        """;

    /// <summary>Nothing was tried: what the last attempt left stays.</summary>
    private const string PutOff =
        """
        UPDATE deliveries d SET state = r.state, next_attempt_at = r.next_attempt_at, lease = NULL, last_reply = r.reply, remote_host = r.host,
            finished_at = r.finished_at
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            AS r (message_id, ordinal, state, next_attempt_at, reply, host, at, finished_at, tls, reason)
        WHERE d.message_id = r.message_id AND d.ordinal = r.ordinal AND d.state = 0 AND d.lease = $11
        """;

    private const string UpdateAndCapture =
        "WITH recorded AS (" + Update +
        """
         RETURNING d.message_id, d.ordinal)
        INSERT INTO captured_messages (message_id, ordinal, captured_at, return_path, head, replaced_octets)
        SELECT c.* FROM unnest($1, $2, $7, $12, $13, $14) AS c (message_id, ordinal, captured_at, return_path, head, replaced_octets)
            JOIN recorded USING (message_id, ordinal)
        ON CONFLICT (message_id, ordinal) DO UPDATE
            SET captured_at = excluded.captured_at, return_path = excluded.return_path, head = excluded.head,
                replaced_octets = excluded.replaced_octets
        """;

    private const string UpdateAndKeep =
        "WITH recorded AS (" + Update +
        """
         RETURNING d.message_id, d.ordinal, d.attempts, r.at, r.reply, r.host, r.tls)
        INSERT INTO attempts (message_id, ordinal, number, at, reply, remote_host, tls) SELECT * FROM recorded
        ON CONFLICT (message_id, ordinal, number) DO NOTHING
        """;

    /// <summary>
    /// Two processes, or two writers, that finish the last two deliveries of a message at the same time would each see the other's as still
    /// waiting, and nobody would remove the octets. So they take turns; messages with one delivery need not.
    /// </summary>
    private const string TakeTurns =
        """
        SELECT 1 FROM messages m WHERE m.id = ANY($1)
            AND EXISTS (SELECT 1 FROM deliveries d WHERE d.message_id = m.id AND d.ordinal > 0)
        ORDER BY m.id FOR NO KEY UPDATE
        """;

    private readonly ReportColumns _plain = new();
    private readonly ReportColumns _kept = new();
    private readonly ReportColumns _captured = new();
    private readonly ReportColumns _untried = new();
    private readonly Column<string> _returnPath = new(NpgsqlDbType.Text);
    private readonly Column<ReadOnlyMemory<byte>> _head = new(NpgsqlDbType.Bytea);
    private readonly Column<long> _replaced = new(NpgsqlDbType.Bigint);
    private readonly Column<long> _finished = new(NpgsqlDbType.Bigint);

    public void Add(DeliveryReport report)
    {
        if (!report.Tried)
        {
            _untried.Add(report);
            return;
        }

        if (report.Capture is { } capture)
        {
            _captured.Add(report);
            _returnPath.Add(StorableText.Of(capture.ReturnPath));
            _head.Add(capture.Head);
            _replaced.Add(capture.ReplacedOctets);
            return;
        }

        if (!report.IsLast)
        {
            _kept.Add(report);
            return;
        }

        _plain.Add(report);
        _finished.Add(report.Key.MessageId);
    }

    public void Clear()
    {
        _plain.Clear();
        _kept.Clear();
        _captured.Clear();
        _untried.Clear();
        _returnPath.Clear();
        _head.Clear();
        _replaced.Clear();
        _finished.Clear();
    }

    public void AppendTo(NpgsqlBatch batch, long lease)
    {
        if (_plain.Count > 0)
        {
            batch.BatchCommands.Add(_plain.Bind(Update, lease));
        }

        if (_kept.Count > 0)
        {
            batch.BatchCommands.Add(_kept.Bind(UpdateAndKeep, lease));
        }

        if (_untried.Count > 0)
        {
            batch.BatchCommands.Add(_untried.Bind(PutOff, lease));
        }

        if (_captured.Count > 0)
        {
            var capture = _captured.Bind(UpdateAndCapture, lease);
            capture.Parameters.Add(_returnPath.Parameter);
            capture.Parameters.Add(_head.Parameter);
            capture.Parameters.Add(_replaced.Parameter);
            batch.BatchCommands.Add(capture);
        }

        if (_finished.Count > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(TakeTurns) { Parameters = { _finished.Parameter } });
            batch.BatchCommands.Add(new NpgsqlBatchCommand(StoreStatements.DeleteUnneededParts) { Parameters = { _finished.Parameter } });
        }
    }
}
