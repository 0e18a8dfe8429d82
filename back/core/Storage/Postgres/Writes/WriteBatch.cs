using Npgsql;

namespace Smtpy.Core.Storage.Postgres.Writes;

/// <summary>
/// Many writes as a few statements, sent at once: the server runs them in one transaction, which it commits without being asked
/// again. So a batch costs one round trip and one wait for the disk.
/// </summary>
internal sealed class WriteBatch
{
    public MessageRows Messages { get; } = new();

    public DeliveryRows Deliveries { get; } = new();

    public DsnRequestRows DsnRequests { get; } = new();

    public ContactRows Contacts { get; } = new();

    public RefusalRows Refusals { get; } = new();

    public PartRows Parts { get; } = new();

    public ReportRows Reports { get; } = new();

    /// <summary>True: prove that the database takes writes.</summary>
    public bool Probes { get; set; }

    public void Clear()
    {
        Messages.Clear();
        Deliveries.Clear();
        DsnRequests.Clear();
        Contacts.Clear();
        Refusals.Clear();
        Parts.Clear();
        Reports.Clear();
        Probes = false;
    }

    /// <exception cref="NpgsqlException">See <see cref="PostgresFault"/> for what it means.</exception>
    public void Execute(NpgsqlConnection connection, long lease)
    {
        using var batch = connection.CreateBatch();
        batch.Timeout = PostgresConnections.CommandSeconds;
        if (!Messages.IsEmpty)
        {
            batch.BatchCommands.Add(LeaseLock.Shared(lease));
        }

        Messages.AppendTo(batch);
        Deliveries.AppendTo(batch, lease);
        DsnRequests.AppendTo(batch);
        Contacts.AppendTo(batch);
        Parts.AppendTo(batch);
        Reports.AppendTo(batch, lease);
        Refusals.AppendTo(batch);
        if (Probes)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand("UPDATE counters SET value = value + 1 WHERE name = 'write_probe'"));
        }

        if (batch.BatchCommands.Count > 0)
        {
            batch.ExecuteNonQuery();
        }
    }
}
