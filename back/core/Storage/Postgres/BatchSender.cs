using Npgsql;
using Smtpy.Core.Storage.Postgres.Writes;

namespace Smtpy.Core.Storage.Postgres;

/// <summary>One writer's connection, kept while it is good.</summary>
internal sealed class BatchSender(PostgresDatabase database) : IDisposable
{
    private readonly WriteBatch _batch = new();
    private NpgsqlConnection? _connection;

    /// <summary>Sends the writes as one transaction; returns when it is durable.</summary>
    /// <exception cref="StorageException">The server could not be reached: nothing was sent.</exception>
    /// <exception cref="NpgsqlException">See <see cref="PostgresFault"/> for what it means.</exception>
    public void Send(List<PostgresWrite> writes, long lease, Action<NpgsqlConnection>? before, Action<NpgsqlConnection>? after)
    {
        _batch.Clear();
        writes.ForEach(write => write.AddTo(_batch));
        var connection = _connection ??= Open();
        try
        {
            before?.Invoke(connection);
            _batch.Execute(connection, lease);
            after?.Invoke(connection);
        }
        catch (Exception failure) when (PostgresFault.IsOfDatabase(failure))
        {
            database.ForgetIfStale(failure);
            Dispose();
            throw;
        }
        finally
        {
            // Lets go of the callers' memory.
            _batch.Clear();
        }
    }

    public void Dispose()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private NpgsqlConnection Open()
    {
        try
        {
            return database.OpenWriter();
        }
        catch (NpgsqlException failure)
        {
            throw new StorageException(PostgresFault.Translate(failure, database.Description).Message, failure);
        }
    }
}
