namespace Smtpy.Core.Storage.Sqlite.Operations;

/// <summary>One part of a large message, ahead of the message itself.</summary>
internal sealed class AppendPart(long messageId, int part, DateTimeOffset now, ReadOnlyMemory<byte> octets) : WriteOperation<bool>
{
    private const string InsertPart = "INSERT INTO message_parts (message_id, part, stored_at, octets) VALUES (?1, ?2, ?3, ?4)";

    public override long Octets => octets.Length;

    public static void Insert(SqliteWriteConnection connection, long messageId, int part, DateTimeOffset now, ReadOnlySpan<byte> octets) =>
        connection[InsertPart].Bind(1, messageId).Bind(2, part).Bind(3, now).Bind(4, octets).Run();

    protected override bool Write(SqliteWriteConnection connection)
    {
        Insert(connection, messageId, part, now, octets.Span);
        return true;
    }
}
