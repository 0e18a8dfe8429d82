namespace Smtpy.Core.Storage.Sqlite.Operations;

/// <summary>A real write, so that it fails wherever mail would.</summary>
internal sealed class WriteProbe : WriteOperation<bool>
{
    protected override bool Write(SqliteWriteConnection connection) =>
        connection["UPDATE counters SET value = value + 1 WHERE name = 'write_probe'"].Run() > 0;
}
