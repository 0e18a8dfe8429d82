using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Core.Storage.Sqlite.Operations;

/// <summary>Frees what dead processes held, then takes what is due.</summary>
internal sealed class LeaseDeliveries(long lease, int limit, DateTimeOffset now) : WriteOperation<IReadOnlyList<DueDelivery>>
{
    private const string Expired = "SELECT id FROM leases WHERE expires_at <= ?1 AND id <> ?2";

    private const string Take =
        """
        UPDATE deliveries SET lease = ?1
        WHERE (message_id, ordinal) IN (
            SELECT d.message_id, d.ordinal FROM deliveries d JOIN messages m ON m.id = d.message_id
            WHERE d.state = 0 AND d.lease IS NULL AND d.next_attempt_at <= ?2 ORDER BY d.next_attempt_at LIMIT ?3)
        RETURNING message_id, ordinal, alias_address, recipient, attempts, next_attempt_at, account_id, kind
        """;

    private const string ReadMessage =
        "SELECT sender, size, part_count, received_at, judgement, tls_demand, origin, protocol FROM messages WHERE id = ?1";

    protected override IReadOnlyList<DueDelivery> Write(SqliteWriteConnection connection)
    {
        FreeExpired(connection);
        var taken = new List<(long DueAt, DueDelivery Delivery)>();
        var take = connection[Take].Bind(1, lease).Bind(2, now).Bind(3, limit);
        while (take.Step())
        {
            var key = new DeliveryKey(take.Integer(0), (int)take.Integer(1));
            var due = Complete(connection, key, take.Text(2), take.Text(3), (int)take.Integer(4));
            taken.Add((take.Integer(5), due with { AccountId = take.Identity(6), Kind = (DeliveryKind)take.Integer(7) }));
        }

        // RETURNING gives no order.
        taken.Sort(static (a, b) => (a.DueAt, a.Delivery.Key.MessageId, a.Delivery.Key.Ordinal)
            .CompareTo((b.DueAt, b.Delivery.Key.MessageId, b.Delivery.Key.Ordinal)));
        return taken.ConvertAll(static due => due.Delivery);
    }

    private static DueDelivery Complete(
        SqliteWriteConnection connection, DeliveryKey key, string aliasAddress, string recipient, int attempts)
    {
        var message = connection[ReadMessage].Bind(1, key.MessageId);
        if (!message.Step())
        {
            throw new StorageException($"Delivery {key.MessageId}.{key.Ordinal} has no message.");
        }

        var due = new DueDelivery(
            key, message.Text(0), aliasAddress, recipient, message.Integer(1), (int)message.Integer(2), attempts,
            DateTimeOffset.FromUnixTimeMilliseconds(message.Integer(3)))
        {
            Judgement = message.TextOrNull(4),
            TlsDemand = (TlsDemand)message.Integer(5),
            Origin = (MessageOrigin)message.Integer(6),
            SmtpUtf8 = NewMessage.IsUtf8(message.Text(7)),
        };
        message.Reset();
        return due;
    }

    private void FreeExpired(SqliteWriteConnection connection)
    {
        var dead = new List<long>();
        var expired = connection[Expired].Bind(1, now).Bind(2, lease);
        while (expired.Step())
        {
            dead.Add(expired.Integer(0));
        }

        foreach (var id in dead)
        {
            ReleaseLease.Release(connection, id);
        }
    }
}

/// <summary>Gives deliveries back untried.</summary>
internal sealed class GiveBackDeliveries(IReadOnlyCollection<DeliveryKey> deliveries, long lease, DateTimeOffset now) : WriteOperation<bool>
{
    private const string GiveBack =
        """
        UPDATE deliveries SET lease = NULL, next_attempt_at = ?4
        WHERE message_id = ?1 AND ordinal = ?2 AND state = 0 AND lease = ?3
        """;

    protected override bool Write(SqliteWriteConnection connection)
    {
        foreach (var key in deliveries)
        {
            connection[GiveBack].Bind(1, key.MessageId).Bind(2, key.Ordinal).Bind(3, lease).Bind(4, now).Run();
        }

        return true;
    }
}
