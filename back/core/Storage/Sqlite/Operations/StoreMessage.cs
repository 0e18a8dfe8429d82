using Smtpy.Core.Contacts;

namespace Smtpy.Core.Storage.Sqlite.Operations;

/// <summary>A message, its last part and its deliveries: all or nothing.</summary>
internal sealed class StoreMessage(NewMessage message, long lease) : WriteOperation<bool>
{
    private const string InsertMessage =
        """
        INSERT INTO messages (id, received_at, sender, client_address, helo, protocol, size, part_count, header_from,
            header_message_id, judgement, tls, tls_demand, origin)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
        """;

    private const string InsertDelivery =
        """
        INSERT INTO deliveries (message_id, ordinal, account_id, alias_id, alias_address, recipient, state, attempts,
            next_attempt_at, lease, finished_at, kind, reason)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9, ?10, ?11, ?12)
        """;

    private const string InsertDsnRequest =
        """
        INSERT INTO dsn_requests (message_id, ordinal, notify, original_recipient, envelope_id, return_full)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        """;

    /// <summary>Who comes second keeps the first one's: both are derived from the same addresses.</summary>
    private const string InsertContact =
        """
        INSERT OR IGNORE INTO contacts (id, account_id, alias_address, address, display_name, reverse_address, blocked, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        """;

    public override long Octets => message.LastPart.Length;

    protected override bool Write(SqliteWriteConnection connection)
    {
        connection[InsertMessage]
            .Bind(1, message.Id).Bind(2, message.ReceivedAt).Bind(3, message.Sender).Bind(4, message.ClientAddress)
            .Bind(5, message.Helo).Bind(6, message.Protocol).Bind(7, message.Size).Bind(8, message.LastPartNumber + 1L)
            .Bind(9, message.HeaderFrom).Bind(10, message.HeaderMessageId).Bind(11, message.Judgement).Bind(12, message.Tls)
            .Bind(13, (long)message.TlsDemand).Bind(14, (long)message.Origin)
            .Run();
        foreach (var contact in message.Contacts)
        {
            Insert(connection, contact);
        }

        var keepsOctets = false;
        var deliveries = message.Deliveries;
        for (var i = 0; i < deliveries.Count; i++)
        {
            Insert(connection, deliveries[i]);
            keepsOctets |= deliveries[i].State is not DeliveryState.Discarded;
        }

        if (keepsOctets)
        {
            AppendPart.Insert(connection, message.Id, message.LastPartNumber, message.ReceivedAt, message.LastPart.Span);
        }
        else
        {
            connection[AbandonMessage.DeleteParts].Bind(1, message.Id).Run();
        }

        return true;
    }

    private void Insert(SqliteWriteConnection connection, NewDelivery delivery)
    {
        var queued = delivery.State is DeliveryState.Queued;
        var finished = delivery.State is DeliveryState.Discarded;
        connection[InsertDelivery]
            .Bind(1, message.Id).Bind(2, delivery.Ordinal).Bind(3, delivery.AccountId).Bind(4, delivery.AliasId)
            .Bind(5, delivery.AliasAddress).Bind(6, delivery.Recipient).Bind(7, (long)delivery.State)
            .Bind(8, queued ? message.ReceivedAt : null).Bind(9, queued && delivery.Leased ? lease : (long?)null)
            .Bind(10, finished ? message.ReceivedAt : null).Bind(11, (long)delivery.Kind).Bind(12, delivery.Reason)
            .Run();
        if (delivery.Dsn is { } dsn)
        {
            connection[InsertDsnRequest]
                .Bind(1, message.Id).Bind(2, delivery.Ordinal).Bind(3, (long)dsn.Notify).Bind(4, dsn.OriginalRecipient)
                .Bind(5, dsn.EnvelopeId).Bind(6, dsn.ReturnFull ? 1 : 0)
                .Run();
        }
    }

    private static void Insert(SqliteWriteConnection connection, Contact contact) => connection[InsertContact]
        .Bind(1, (Guid?)contact.Id).Bind(2, (Guid?)contact.AccountId).Bind(3, contact.AliasAddress).Bind(4, contact.Address)
        .Bind(5, contact.DisplayName).Bind(6, contact.ReverseAddress).Bind(7, contact.Blocked ? 1 : 0).Bind(8, contact.CreatedAt)
        .Run();
}
