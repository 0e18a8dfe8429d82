namespace Smtpy.Core.Storage.Sqlite.Operations;

/// <summary>
/// Removes messages whose commit failed with its fate unknown. Their senders were told so and will send them again; what was
/// stored after all would be a duplicate, held by this process with nobody working on it.
/// </summary>
internal sealed class TakeBackMessages(IReadOnlyCollection<long> messageIds) : WriteOperation<bool>
{
    protected override bool Write(SqliteWriteConnection connection)
    {
        foreach (var id in messageIds)
        {
            connection["DELETE FROM messages WHERE id = ?1"].Bind(1, id).Run();
            connection["DELETE FROM deliveries WHERE message_id = ?1"].Bind(1, id).Run();
            connection["DELETE FROM dsn_requests WHERE message_id = ?1"].Bind(1, id).Run();
            connection[AbandonMessage.DeleteParts].Bind(1, id).Run();
        }

        return true;
    }
}
