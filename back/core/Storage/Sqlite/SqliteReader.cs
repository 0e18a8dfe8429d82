using System.Data.Common;
using Microsoft.Data.Sqlite;
using Smtpy.Core.Storage.Sqlite.Operations;

namespace Smtpy.Core.Storage.Sqlite;

/// <summary>What the store reads. Readers never wait for the writer, nor it for them (WAL).</summary>
internal sealed class SqliteReader(SqliteDatabase database)
{
    public ValueTask<byte[]?> PartAsync(long messageId, int part, CancellationToken cancellationToken) => ReadAsync(
        "SELECT octets FROM message_parts WHERE message_id = @a AND part = @b", messageId, part, 0,
        async rows => await rows.ReadAsync(cancellationToken) ? rows.GetFieldValue<byte[]>(0) : null, cancellationToken);

    /// <summary>Whether there is anything to lease: asked first, so that an empty queue costs no write.</summary>
    public ValueTask<bool> AnythingDueAsync(long lease, DateTimeOffset now, CancellationToken cancellationToken) => ReadAsync(
        """
        SELECT EXISTS (SELECT 1 FROM deliveries WHERE state = 0 AND lease IS NULL AND next_attempt_at <= @a)
            OR EXISTS (SELECT 1 FROM leases WHERE expires_at <= @a AND id <> @b)
        """, now.ToUnixTimeMilliseconds(), lease, 0,
        async rows => await rows.ReadAsync(cancellationToken) && rows.GetBoolean(0), cancellationToken);

    /// <summary>Ids rise with time, so the lowest one waiting is the oldest. Reports are kept, not waiting for anybody.</summary>
    public ValueTask<QueueDepth> QueueAsync(CancellationToken cancellationToken) => ReadAsync(
        """
        SELECT w.queued, f.failed, f.held, (SELECT received_at FROM messages WHERE id = w.oldest)
        FROM (SELECT count(*) AS queued, min(message_id) AS oldest
                FROM deliveries INDEXED BY ix_deliveries_queued WHERE state = 0) w,
             (SELECT total(state = 3) AS failed, total(state = 4 AND kind <> 3) AS held
                FROM deliveries INDEXED BY ix_deliveries_failed_held WHERE state IN (3, 4)) f
        """, 0, 0, 0,
        async rows =>
        {
            await rows.ReadAsync(cancellationToken);
            return new QueueDepth(rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2),
                await rows.IsDBNullAsync(3, cancellationToken) ? null : DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(3)));
        }, cancellationToken);

    /// <summary>Messages above <paramref name="after"/>, lowest first, that were received before a limit: those after it are younger.</summary>
    public ValueTask<IReadOnlyList<long>> EndedAsync(
        long after, DateTimeOffset endedBefore, int limit, CancellationToken cancellationToken) => IdsAsync(
        "SELECT id FROM messages WHERE id > @a AND received_at < @b AND "
            + PurgeMessages.NothingLeft.Replace("?2", "@b", StringComparison.Ordinal)
            + " AND id < (SELECT coalesce(min(id), 9007199254740992) FROM messages WHERE id > @a AND received_at >= @b) ORDER BY id LIMIT @c",
        after, endedBefore, limit, cancellationToken);

    public ValueTask<IReadOnlyList<long>> UnneededContentAsync(
        long after, DateTimeOffset endedBefore, int limit, CancellationToken cancellationToken) => IdsAsync(
        """
        SELECT DISTINCT f.message_id FROM deliveries f
        WHERE f.state IN (3, 4) AND f.message_id > @a AND EXISTS (SELECT 1 FROM message_parts p WHERE p.message_id = f.message_id)
            AND NOT
        """ + " " + PurgeContent.StillNeeded.Replace("?1", "f.message_id", StringComparison.Ordinal).Replace("?2", "@b", StringComparison.Ordinal)
            + " ORDER BY f.message_id LIMIT @c",
        after, endedBefore, limit, cancellationToken);

    public ValueTask<IReadOnlyList<long>> OrphansAsync(
        long after, DateTimeOffset storedBefore, int limit, CancellationToken cancellationToken) => IdsAsync(
        """
        SELECT message_id FROM message_parts p
        WHERE message_id > @a AND NOT EXISTS (SELECT 1 FROM messages WHERE id = p.message_id)
        GROUP BY message_id HAVING max(stored_at) < @b ORDER BY message_id LIMIT @c
        """, after, storedBefore, limit, cancellationToken);

    public ValueTask<IReadOnlyList<DeliveryKey>> CapturedBeyondAsync(int kept, int limit, CancellationToken cancellationToken) => ReadAsync(
        "SELECT message_id, ordinal FROM captured_messages ORDER BY captured_at DESC, message_id DESC, ordinal DESC LIMIT @b OFFSET @a",
        kept, limit, 0,
        async rows =>
        {
            var keys = new List<DeliveryKey>();
            while (await rows.ReadAsync(cancellationToken))
            {
                keys.Add(new DeliveryKey(rows.GetInt64(0), rows.GetInt32(1)));
            }

            return (IReadOnlyList<DeliveryKey>)keys;
        }, cancellationToken);

    private ValueTask<IReadOnlyList<long>> IdsAsync(
        string sql, long after, DateTimeOffset before, int limit, CancellationToken cancellationToken) => ReadAsync(
        sql, after, before.ToUnixTimeMilliseconds(), limit,
        async rows =>
        {
            var ids = new List<long>();
            while (await rows.ReadAsync(cancellationToken))
            {
                ids.Add(rows.GetInt64(0));
            }

            return (IReadOnlyList<long>)ids;
        }, cancellationToken);

    private async ValueTask<T> ReadAsync<T>(
        string sql, long a, long b, long c, Func<DbDataReader, Task<T>> read, CancellationToken cancellationToken)
    {
        await using var connection = (SqliteConnection)await database.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("@a", a);
        command.Parameters.AddWithValue("@b", b);
        command.Parameters.AddWithValue("@c", c);
        try
        {
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            return await read(rows);
        }
        catch (SqliteException failure)
        {
            throw SqliteFault.Translate(failure, database.Path);
        }
    }
}
