namespace Smtpy.Core.Storage.Sqlite.Operations;

/// <summary>
/// Removes messages altogether. What was found by a reader is looked at again here: since then an operator may have retried it.
/// </summary>
/// <returns>Messages removed.</returns>
internal sealed class PurgeMessages(IReadOnlyCollection<long> messageIds, DateTimeOffset endedBefore) : WriteOperation<int>
{
    /// <summary>Held deliveries have not ended; captured ones are kept by number, not by age.</summary>
    public const string NothingLeft =
        """
        NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.message_id = id
            AND (d.state IN (0, 2, 4) OR d.finished_at IS NULL OR d.finished_at >= ?2))
        """;

    private const string DeleteMessage = "DELETE FROM messages WHERE id = ?1 AND " + NothingLeft;

    protected override int Write(SqliteWriteConnection connection)
    {
        var removed = 0;
        foreach (var id in messageIds)
        {
            if (connection[DeleteMessage].Bind(1, id).Bind(2, endedBefore).Run() > 0)
            {
                connection["DELETE FROM deliveries WHERE message_id = ?1"].Bind(1, id).Run();
                connection["DELETE FROM attempts WHERE message_id = ?1"].Bind(1, id).Run();
                connection["DELETE FROM dsn_requests WHERE message_id = ?1"].Bind(1, id).Run();
                connection[AbandonMessage.DeleteParts].Bind(1, id).Run();
                removed++;
            }
        }

        return removed;
    }
}

/// <summary>
/// Removes the octets of deliveries that failed, or were held, too long ago. A held one is failed by that: nothing is left
/// that a person could release, and the owner shall see it. A report was only kept to be looked at.
/// </summary>
internal sealed class PurgeContent(IReadOnlyCollection<long> messageIds, DateTimeOffset endedBefore, DateTimeOffset now)
    : WriteOperation<bool>
{
    /// <summary>What keeps a message's octets: all but failed and held deliveries older than the limit.</summary>
    public const string StillNeeded =
        """
        EXISTS (SELECT 1 FROM deliveries d JOIN messages m ON m.id = d.message_id WHERE d.message_id = ?1 AND (d.state IN (0, 2)
            OR (d.state IN (3, 4) AND coalesce(d.finished_at, d.last_attempt_at, m.received_at) >= ?2)))
        """;

    protected override bool Write(SqliteWriteConnection connection)
    {
        foreach (var id in messageIds)
        {
            if (connection["DELETE FROM message_parts WHERE message_id = ?1 AND NOT " + StillNeeded].Bind(1, id).Bind(2, endedBefore).Run() > 0)
            {
                connection[
                    """
                    UPDATE deliveries SET state = CASE kind WHEN 3 THEN 5 ELSE 3 END, finished_at = ?2,
                        last_reply = CASE kind WHEN 3 THEN NULL ELSE 'held too long; its content was removed' END
                    WHERE message_id = ?1 AND state = 4
                    """].Bind(1, id).Bind(2, now).Run();
            }
        }

        return true;
    }
}

/// <summary>Removes refusals and bounces that are older than metadata is kept.</summary>
internal sealed class PurgeHistory(DateTimeOffset before, int limit) : WriteOperation<int>
{
    protected override int Write(SqliteWriteConnection connection) =>
        connection["DELETE FROM refusals WHERE id IN (SELECT id FROM refusals WHERE at < ?1 LIMIT ?2)"].Bind(1, before).Bind(2, limit).Run()
        + connection["DELETE FROM bounces WHERE id IN (SELECT id FROM bounces WHERE at < ?1 LIMIT ?2)"].Bind(1, before).Bind(2, limit).Run();
}

/// <summary>Removes captured messages; from now on they count as delivered, which the capture mailbox was.</summary>
internal sealed class PurgeCaptured(IReadOnlyCollection<DeliveryKey> deliveries, DateTimeOffset now) : WriteOperation<bool>
{
    protected override bool Write(SqliteWriteConnection connection)
    {
        foreach (var key in deliveries)
        {
            connection["DELETE FROM captured_messages WHERE message_id = ?1 AND ordinal = ?2"]
                .Bind(1, key.MessageId).Bind(2, key.Ordinal).Run();
            connection["UPDATE deliveries SET state = 1, finished_at = ?3 WHERE message_id = ?1 AND ordinal = ?2 AND state = 2"]
                .Bind(1, key.MessageId).Bind(2, key.Ordinal).Bind(3, now).Run();
            connection[RecordDelivery.DeleteUnneededParts].Bind(1, key.MessageId).Run();
        }

        return true;
    }
}
