using Npgsql;
using Smtpy.Core.Storage.Model;
using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Core.Storage.Postgres;

/// <summary>
/// The lease of this process and what it holds. Leases begin and end by the server's clock, which all processes share; when a
/// delivery is due goes by the clock of the process that asks, where a difference only moves an attempt.
/// </summary>
internal sealed class PostgresLeases(PostgresSession session, TimeSpan validity, TimeProvider time)
{
    /// <summary>The last number reserved; the others are the ones just below.</summary>
    public const string Reserve = "UPDATE counters SET value = value + $2 WHERE name = $1 RETURNING value";

    private const string Insert = "INSERT INTO leases (id, expires_at) VALUES ($3, " + StoreStatements.Now + " + $2)";
    private const string Renew = "UPDATE leases SET expires_at = " + StoreStatements.Now + " + $2 WHERE id = $3 AND expires_at > " + StoreStatements.Now;
    private const string Expired = "SELECT id FROM leases WHERE expires_at <= " + StoreStatements.Now + " AND id <> $2";
    private const string Free = "UPDATE deliveries SET lease = NULL WHERE state = 0 AND lease = $1";
    private const string Delete = "DELETE FROM leases WHERE id = $1";

    /// <summary>Takes nothing where the lease has ended: nobody would ever free it again.</summary>
    private const string Take =
        """
        WITH due AS (
            SELECT d.message_id, d.ordinal FROM deliveries d
            WHERE d.state = 0 AND d.lease IS NULL AND d.next_attempt_at <= $2
                AND EXISTS (SELECT 1 FROM leases WHERE id = $1)
            ORDER BY d.next_attempt_at LIMIT $3 FOR UPDATE SKIP LOCKED),
        taken AS (
            UPDATE deliveries d SET lease = $1 FROM due
            WHERE d.message_id = due.message_id AND d.ordinal = due.ordinal
            RETURNING d.message_id, d.ordinal, d.alias_address, d.recipient, d.attempts, d.next_attempt_at, d.account_id, d.kind)
        SELECT t.message_id, t.ordinal, m.sender, t.alias_address, t.recipient, m.size, m.part_count, t.attempts, m.received_at,
            t.account_id, t.kind, m.judgement, m.tls_demand, m.origin, m.protocol
        FROM taken t JOIN messages m ON m.id = t.message_id ORDER BY t.next_attempt_at, t.message_id, t.ordinal
        """;

    private const string GiveBack =
        """
        UPDATE deliveries d SET lease = NULL, next_attempt_at = $4 FROM unnest($1, $2) AS k (message_id, ordinal)
        WHERE d.message_id = k.message_id AND d.ordinal = k.ordinal AND d.state = 0 AND d.lease = $3
        """;

    private long _lease;
    private long _renewedAt;

    /// <summary>Set where rows may name the lease that nobody in this process knows of: a commit whose answer never came.</summary>
    private volatile bool _isDoubtful;

    /// <summary>For tests: how far the server's clock seems to be ahead of what it is.</summary>
    internal Func<TimeSpan> ClockAhead { get; set; } = static () => TimeSpan.Zero;

    private long Ahead => (long)ClockAhead().TotalMilliseconds;

    private long Validity => (long)validity.TotalMilliseconds;

    /// <returns>Id of a new lease.</returns>
    public async Task<long> TakeAsync(CancellationToken cancellationToken)
    {
        _lease = await session.ScalarAsync<long>(Reserve, cancellationToken, CounterRow.LeaseId, 1L);
        _renewedAt = time.GetTimestamp();
        await session.ExecuteAsync(Insert, cancellationToken, Ahead, Validity, _lease);
        return _lease;
    }

    /// <summary>
    /// False: the lease had expired, or may hold what nobody here knows of. It is taken anew, empty, so that the process can go on
    /// with other deliveries. It counts as expired by this process's own clock too: whoever waited for so long without an answer
    /// has given everything up, though the server may have renewed it late.
    /// </summary>
    public async Task<bool> RenewAsync(CancellationToken cancellationToken)
    {
        var asked = time.GetTimestamp();
        if (!_isDoubtful && time.GetElapsedTime(_renewedAt) < validity
            && await session.ExecuteAsync(Renew, cancellationToken, Ahead, Validity, _lease) > 0)
        {
            _renewedAt = asked;
            return true;
        }

        await session.ExecuteAsync(
            cancellationToken, LeaseLock.Exclusive(_lease), PostgresSession.Part(Free, _lease), PostgresSession.Part(Delete, _lease),
            PostgresSession.Part(Insert, Ahead, Validity, _lease), Announce());
        (_isDoubtful, _renewedAt) = (false, asked);
        return false;
    }

    /// <summary>Ends the lease: all that names it is free for any process.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        if (_lease != 0)
        {
            await session.ExecuteAsync(
                cancellationToken, LeaseLock.Exclusive(_lease), PostgresSession.Part(Free, _lease), PostgresSession.Part(Delete, _lease), Announce());
        }
    }

    /// <summary>Frees what dead processes held.</summary>
    public async Task FreeExpiredAsync(CancellationToken cancellationToken)
    {
        foreach (var dead in await session.RowsAsync(Expired, static row => row.GetInt64(0), cancellationToken, Ahead, _lease))
        {
            await session.InTransactionAsync(connection => FreeAsync(connection, dead, cancellationToken), cancellationToken);
        }
    }

    public async Task<List<DueDelivery>> TakeDueAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            return await TakeRowsAsync(limit, now, cancellationToken);
        }
        catch (StorageException failure) when (failure.IsFateUnknown)
        {
            // They may be ours now. The next renewal frees whatever names the lease.
            _isDoubtful = true;
            throw;
        }
    }

    public async Task GiveBackAsync(IReadOnlyCollection<DeliveryKey> deliveries, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            await session.ExecuteAsync(
                cancellationToken,
                PostgresSession.Part(
                    GiveBack, deliveries.Select(static key => key.MessageId).ToArray(), deliveries.Select(static key => key.Ordinal).ToArray(), _lease,
                    now.ToUnixTimeMilliseconds()),
                Announce());
        }
        catch (StorageException)
        {
            // Whoever gave them back has forgotten them.
            _isDoubtful = true;
            throw;
        }
    }

    private Task<List<DueDelivery>> TakeRowsAsync(int limit, DateTimeOffset now, CancellationToken cancellationToken) => session.RowsAsync(
        static row => new DueDelivery(
            new DeliveryKey(row.GetInt64(0), row.GetInt32(1)), row.GetString(2), row.GetString(3), row.GetString(4), row.GetInt64(5),
            row.GetInt32(6), row.GetInt32(7), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(8)))
        {
            AccountId = row.IsDBNull(9) ? null : row.GetGuid(9),
            Kind = (DeliveryKind)row.GetInt32(10),
            Judgement = row.IsDBNull(11) ? null : row.GetString(11),
            TlsDemand = (TlsDemand)row.GetInt32(12),
            Origin = (MessageOrigin)row.GetInt32(13),
            SmtpUtf8 = NewMessage.IsUtf8(row.GetString(14)),
        },
        cancellationToken, LeaseLock.Shared(_lease), PostgresSession.Part(Take, _lease, now.ToUnixTimeMilliseconds(), (long)limit));

    /// <summary>
    /// Removes messages whose commit failed with its fate unknown, once nothing under this lease can come through any more. Their senders
    /// were told so and will send them again; what was stored after all would be a duplicate, held with nobody working on it.
    /// </summary>
    public Task TakeBackAsync(List<long> messageIds, CancellationToken cancellationToken)
    {
        var ids = messageIds.ToArray();
        return session.ExecuteAsync(
            cancellationToken, LeaseLock.Exclusive(_lease),
            PostgresSession.Part("DELETE FROM messages WHERE id = ANY($1)", ids),
            PostgresSession.Part("DELETE FROM deliveries WHERE message_id = ANY($1)", ids),
            PostgresSession.Part("DELETE FROM dsn_requests WHERE message_id = ANY($1)", ids),
            PostgresSession.Part(Writes.PartRows.Delete, ids));
    }

    private static NpgsqlBatchCommand Announce() => new(PostgresChangeCarrier.Notify)
    {
        Parameters = { PostgresChangeCarrier.Payload(Change.DueDeliveries) },
    };

    private async Task<bool> FreeAsync(NpgsqlConnection connection, long dead, CancellationToken cancellationToken)
    {
        // Where a transaction under it is still on its way, the next look finds the lease again. Asked once more whether it has expired:
        // its owner may have renewed it, or another process freed it, since it was found.
        if (!await LeaseLock.TryTakeAsync(connection, dead, cancellationToken))
        {
            return false;
        }

        await using var still = PostgresSession.Command(
            connection, "DELETE FROM leases WHERE expires_at <= " + StoreStatements.Now + " AND id = $2", Ahead, dead);
        if (await still.ExecuteNonQueryAsync(cancellationToken) == 0)
        {
            return false;
        }

        await using var free = PostgresSession.Command(connection, Free, dead);
        if (await free.ExecuteNonQueryAsync(cancellationToken) > 0)
        {
            await using var announce = new NpgsqlCommand(PostgresChangeCarrier.Notify, connection)
            {
                Parameters = { PostgresChangeCarrier.Payload(Change.DueDeliveries) },
            };
            await announce.ExecuteNonQueryAsync(cancellationToken);
        }

        return true;
    }
}
