namespace Smtpy.Core.Storage.Sqlite.Operations;

/// <summary>Removes parts whose message does not exist; does nothing where it does.</summary>
internal sealed class AbandonMessage(IReadOnlyCollection<long> messageIds) : WriteOperation<bool>
{
    public const string DeleteParts = "DELETE FROM message_parts WHERE message_id = ?1";

    private const string DeleteOrphanedParts = DeleteParts + " AND NOT EXISTS (SELECT 1 FROM messages WHERE id = ?1)";

    protected override bool Write(SqliteWriteConnection connection)
    {
        foreach (var id in messageIds)
        {
            connection[DeleteOrphanedParts].Bind(1, id).Run();
        }

        return true;
    }
}
