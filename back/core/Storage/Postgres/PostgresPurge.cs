using Npgsql;

namespace Smtpy.Core.Storage.Postgres;

/// <summary>Retention, in slices: each is one short transaction. One process does it at a time.</summary>
internal sealed class PostgresPurge(PostgresSession session, MessageStoreOptions options)
{
    private const string Abandon =
        "DELETE FROM message_parts WHERE message_id = $1 AND NOT EXISTS (SELECT 1 FROM messages WHERE id = $1)";

    /// <summary>Captured messages beyond the newest; from now on they count as delivered, which the capture mailbox was.</summary>
    private const string RemoveCaptured =
        """
        WITH beyond AS (
            SELECT message_id, ordinal FROM captured_messages
            ORDER BY captured_at DESC, message_id DESC, ordinal DESC OFFSET $1 LIMIT $2),
        gone AS (
            DELETE FROM captured_messages c USING beyond b WHERE c.message_id = b.message_id AND c.ordinal = b.ordinal
            RETURNING c.message_id, c.ordinal),
        delivered AS (
            UPDATE deliveries d SET state = 1, finished_at = $3 FROM gone g
            WHERE d.message_id = g.message_id AND d.ordinal = g.ordinal AND d.state = 2)
        SELECT message_id FROM gone
        """;

    /// <summary>
    /// Octets that only failed and held deliveries older than the limit have use for. A held one is failed by that: nothing is left
    /// that a person could release, and the owner shall see it. A report was only kept to be looked at. Gives the messages above $1, lowest first.
    /// </summary>
    private const string RemoveContent =
        """
        WITH unneeded AS (
            SELECT DISTINCT f.message_id FROM deliveries f
            WHERE f.state IN (3, 4) AND f.message_id > $1 AND EXISTS (SELECT 1 FROM message_parts p WHERE p.message_id = f.message_id)
                AND NOT EXISTS (
                    SELECT 1 FROM deliveries d JOIN messages m ON m.id = d.message_id WHERE d.message_id = f.message_id AND (d.state IN (0, 2)
                        OR (d.state IN (3, 4) AND coalesce(d.finished_at, d.last_attempt_at, m.received_at) >= $2)))
            ORDER BY f.message_id LIMIT $3),
        removed AS (DELETE FROM message_parts p USING unneeded u WHERE p.message_id = u.message_id),
        failed AS (
            UPDATE deliveries d SET state = CASE kind WHEN 3 THEN 5 ELSE 3 END, finished_at = $4,
                last_reply = CASE kind WHEN 3 THEN NULL ELSE 'held too long; its content was removed' END
            FROM unneeded u WHERE d.message_id = u.message_id AND d.state = 4)
        SELECT message_id FROM unneeded ORDER BY message_id
        """;

    private const string RemoveOrphans =
        """
        DELETE FROM message_parts WHERE message_id IN (
            SELECT message_id FROM message_parts p
            WHERE message_id <> ALL($1) AND NOT EXISTS (SELECT 1 FROM messages WHERE id = p.message_id)
            GROUP BY message_id HAVING max(stored_at) < $2 LIMIT $3)
        """;

    /// <summary>Held deliveries have not ended; captured ones are kept by number, not by age.</summary>
    private const string RemoveMessages =
        """
        WITH ended AS (
            SELECT m.id FROM messages m WHERE m.received_at < $1
                AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.message_id = m.id
                    AND (d.state IN (0, 2, 4) OR d.finished_at IS NULL OR d.finished_at >= $1))
            LIMIT $2 FOR UPDATE SKIP LOCKED),
        gone AS (DELETE FROM deliveries d USING ended e WHERE d.message_id = e.id),
        tries AS (DELETE FROM attempts a USING ended e WHERE a.message_id = e.id),
        asked AS (DELETE FROM dsn_requests r USING ended e WHERE r.message_id = e.id),
        octets AS (DELETE FROM message_parts p USING ended e WHERE p.message_id = e.id)
        DELETE FROM messages m USING ended e WHERE m.id = e.id
        """;

    private const string RemoveHistory =
        """
        WITH refused AS (DELETE FROM refusals WHERE id IN (SELECT id FROM refusals WHERE at < $1 LIMIT $2) RETURNING id),
        returned AS (DELETE FROM bounces WHERE id IN (SELECT id FROM bounces WHERE at < $1 LIMIT $2) RETURNING id)
        SELECT (SELECT count(*) FROM refused) + (SELECT count(*) FROM returned)
        """;

    private static readonly string Claim = $"SELECT pg_try_advisory_xact_lock({AdvisoryLocks.Purge}, 0)";

    /// <summary>Removes parts whose message does not exist; does nothing where it does.</summary>
    public Task AbandonAsync(long messageId, CancellationToken cancellationToken) =>
        session.ExecuteAsync(Abandon, cancellationToken, messageId);

    /// <param name="incoming">Messages whose parts are coming in.</param>
    /// <returns>Messages removed altogether; 0 also where another process is at it.</returns>
    public Task<int> RunAsync(RetentionPolicy retention, DateTimeOffset now, long[] incoming, CancellationToken cancellationToken) =>
        session.InTransactionAsync(
            async connection =>
            {
                // The slices have transactions of their own; this one only holds the claim.
                // It is idle meanwhile, for longer than a vanished client's transaction may be.
                await using var patience = PostgresSession.Command(connection, "SET LOCAL idle_in_transaction_session_timeout = 0");
                await patience.ExecuteNonQueryAsync(cancellationToken);
                await using var claim = PostgresSession.Command(connection, Claim);
                return await claim.ExecuteScalarAsync(cancellationToken) is true
                    ? await PurgeAsync(retention, now, incoming, cancellationToken)
                    : 0;
            }, cancellationToken);

    private async Task<int> PurgeAsync(RetentionPolicy retention, DateTimeOffset now, long[] incoming, CancellationToken cancellationToken)
    {
        await RemoveCapturedAsync(retention.CapturedMessages, now, cancellationToken);
        await RemoveContentAsync(now - retention.FailedContent, now, cancellationToken);
        var orphaned = (now - options.OrphanAge).ToUnixTimeMilliseconds();
        while (await session.ExecuteAsync(RemoveOrphans, cancellationToken, incoming, orphaned, options.PurgeSlice) > 0)
        {
        }

        var ended = (now - retention.Metadata).ToUnixTimeMilliseconds();
        while (await session.ScalarAsync<long>(RemoveHistory, cancellationToken, ended, options.PurgeSlice) > 0)
        {
        }

        var removed = 0;
        for (var slice = 1; slice > 0; removed += slice)
        {
            slice = await session.ExecuteAsync(RemoveMessages, cancellationToken, ended, options.PurgeSlice);
        }

        return removed;
    }

    private async Task RemoveCapturedAsync(int kept, DateTimeOffset now, CancellationToken cancellationToken)
    {
        while (await session.InTransactionAsync(
            connection => RemoveCapturedSliceAsync(connection, kept, now, cancellationToken), cancellationToken))
        {
        }
    }

    private async Task<bool> RemoveCapturedSliceAsync(
        NpgsqlConnection connection, int kept, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var messages = new List<long>();
        await using (var remove = PostgresSession.Command(
            connection, RemoveCaptured, kept, options.PurgeSlice, now.ToUnixTimeMilliseconds()))
        {
            await using var rows = await remove.ExecuteReaderAsync(cancellationToken);
            while (await rows.ReadAsync(cancellationToken))
            {
                messages.Add(rows.GetInt64(0));
            }
        }

        await using var octets = PostgresSession.Command(connection, StoreStatements.DeleteUnneededParts, messages.ToArray());
        await octets.ExecuteNonQueryAsync(cancellationToken);
        return messages.Count > 0;
    }

    private async Task RemoveContentAsync(DateTimeOffset endedBefore, DateTimeOffset now, CancellationToken cancellationToken)
    {
        long after = 0;
        while (await session.RowsAsync(
            RemoveContent, static row => row.GetInt64(0), cancellationToken, after, endedBefore.ToUnixTimeMilliseconds(),
            options.PurgeSlice, now.ToUnixTimeMilliseconds()) is { Count: > 0 } messages)
        {
            after = messages[^1];
        }
    }
}
