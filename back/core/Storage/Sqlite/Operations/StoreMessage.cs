namespace Smtpy.Core.Storage.Sqlite.Operations;

/// <summary>A message, its last part and its deliveries: all or nothing.</summary>
internal sealed class StoreMessage(NewMessage message, long lease) : WriteOperation<bool>
{
    private const string InsertMessage =
        """
        INSERT INTO messages (id, received_at, sender, client_address, helo, protocol, size, part_count)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        """;

    private const string InsertDelivery =
        """
        INSERT INTO deliveries (message_id, ordinal, account_id, alias_id, alias_address, recipient, state, attempts,
            next_attempt_at, lease, finished_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9, ?10)
        """;

    public override long Octets => message.LastPart.Length;

    protected override bool Write(SqliteWriteConnection connection)
    {
        connection[InsertMessage]
            .Bind(1, message.Id).Bind(2, message.ReceivedAt).Bind(3, message.Sender).Bind(4, message.ClientAddress)
            .Bind(5, message.Helo).Bind(6, message.Protocol).Bind(7, message.Size).Bind(8, message.LastPartNumber + 1L)
            .Run();
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
            .Bind(10, finished ? message.ReceivedAt : null)
            .Run();
    }
}
