namespace Smtpy.Core.Storage.Sqlite.Operations;

/// <summary>The end of one attempt, or that none was made; and the end of the octets when no delivery of the message needs them any more.</summary>
internal sealed class RecordDelivery(DeliveryReport report, long lease) : WriteOperation<bool>
{
    /// <summary>Octets are needed by what is queued (0), captured (2), failed (3) and held (4).</summary>
    public const string DeleteUnneededParts = AbandonMessage.DeleteParts +
        " AND NOT EXISTS (SELECT 1 FROM deliveries WHERE message_id = ?1 AND state IN (0, 2, 3, 4))";

    private const string UpdateDelivery =
        """
        UPDATE deliveries SET state = ?4, attempts = attempts + 1, next_attempt_at = ?5, lease = NULL, last_reply = ?6,
            remote_host = ?7, last_attempt_at = ?8, finished_at = ?9, tls = ?10, reason = coalesce(?11, reason)
        WHERE message_id = ?1 AND ordinal = ?2 AND state = 0 AND lease = ?3
        """;

    private const string PutOff =
        """
        UPDATE deliveries SET state = ?4, next_attempt_at = ?5, lease = NULL, last_reply = ?6, remote_host = ?7, finished_at = ?8
        WHERE message_id = ?1 AND ordinal = ?2 AND state = 0 AND lease = ?3
        """;

    private const string InsertCaptured =
        """
        INSERT OR REPLACE INTO captured_messages (message_id, ordinal, captured_at, return_path, head, replaced_octets)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        """;

    private const string InsertAttempt =
        """
        INSERT OR REPLACE INTO attempts (message_id, ordinal, number, at, reply, remote_host, tls)
        SELECT message_id, ordinal, attempts, ?3, ?4, ?5, ?6 FROM deliveries WHERE message_id = ?1 AND ordinal = ?2
        """;

    public override bool CanWait => true;

    public override long Octets => report.Capture?.Head.Length ?? 0;

    protected override bool Write(SqliteWriteConnection connection)
    {
        if (!report.Tried)
        {
            return WriteUntried(connection);
        }

        var key = report.Key;
        var deferred = report.State is DeliveryState.Queued;
        var held = connection[UpdateDelivery]
            .Bind(1, key.MessageId).Bind(2, key.Ordinal).Bind(3, lease).Bind(4, (long)report.State)
            .Bind(5, deferred ? report.NextAttemptAt ?? report.At : null).Bind(6, report.Reply).Bind(7, report.RemoteHost)
            .Bind(8, report.At).Bind(9, deferred || report.State is DeliveryState.Held ? null : report.At).Bind(10, report.StoredTls)
            .Bind(11, report.State is DeliveryState.Held ? report.Reply : null)
            .Run() > 0;
        if (!held)
        {
            return false;
        }

        if (report.Capture is { } capture)
        {
            connection[InsertCaptured]
                .Bind(1, key.MessageId).Bind(2, key.Ordinal).Bind(3, report.At).Bind(4, capture.ReturnPath).Bind(5, capture.Head.Span)
                .Bind(6, capture.ReplacedOctets)
                .Run();
        }
        else if (report.IsLast)
        {
            connection[DeleteUnneededParts].Bind(1, key.MessageId).Run();
        }
        else
        {
            connection[InsertAttempt]
                .Bind(1, key.MessageId).Bind(2, key.Ordinal).Bind(3, report.At).Bind(4, report.Reply).Bind(5, report.RemoteHost)
                .Bind(6, report.StoredTls)
                .Run();
        }

        return true;
    }

    private bool WriteUntried(SqliteWriteConnection connection)
    {
        var waits = report.State is DeliveryState.Queued;
        return connection[PutOff]
            .Bind(1, report.Key.MessageId).Bind(2, report.Key.Ordinal).Bind(3, lease).Bind(4, (long)report.State)
            .Bind(5, waits ? report.NextAttemptAt ?? report.At : null).Bind(6, report.Reply).Bind(7, report.RemoteHost)
            .Bind(8, waits ? null : report.At)
            .Run() > 0;
    }
}
