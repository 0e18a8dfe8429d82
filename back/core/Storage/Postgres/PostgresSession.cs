using Npgsql;

namespace Smtpy.Core.Storage.Postgres;

/// <summary>Runs single statements and small transactions on pooled connections, and turns their errors into the store's.</summary>
internal sealed class PostgresSession(PostgresDatabase database)
{
    /// <param name="values">$1, $2, … of the statement.</param>
    /// <exception cref="StorageException">It failed.</exception>
    public Task<T> ScalarAsync<T>(string sql, CancellationToken cancellationToken, params object[] values) => RunAsync(
        async connection =>
        {
            await using var command = Command(connection, sql, values);
            return await command.ExecuteScalarAsync(cancellationToken) is T value
                ? value
                : throw new StorageException($"The database {database.Description} lacks a row that is always there: it is damaged.");
        }, cancellationToken);

    /// <summary>All rows of a statement.</summary>
    public Task<List<T>> RowsAsync<T>(
        string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params object[] values) => RunAsync(
        async connection =>
        {
            await using var command = Command(connection, sql, values);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            return await ReadAllAsync(reader, read, cancellationToken);
        }, cancellationToken);

    /// <returns>Rows changed.</returns>
    public Task<int> ExecuteAsync(string sql, CancellationToken cancellationToken, params object[] values) => RunAsync(
        async connection =>
        {
            await using var command = Command(connection, sql, values);
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }, cancellationToken);

    /// <summary>Statements in one transaction and one round trip.</summary>
    public Task<int> ExecuteAsync(CancellationToken cancellationToken, params IReadOnlyList<NpgsqlBatchCommand> commands) => RunAsync(
        async connection =>
        {
            await using var batch = Batch(connection, commands);
            return await batch.ExecuteNonQueryAsync(cancellationToken);
        }, cancellationToken);

    /// <summary>Statements in one transaction and one round trip; the rows are the last one's.</summary>
    public Task<List<T>> RowsAsync<T>(
        Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params IReadOnlyList<NpgsqlBatchCommand> commands) => RunAsync(
        async connection =>
        {
            await using var batch = Batch(connection, commands);
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            for (var i = 1; i < commands.Count; i++)
            {
                await reader.NextResultAsync(cancellationToken);
            }

            return await ReadAllAsync(reader, read, cancellationToken);
        }, cancellationToken);

    /// <summary>One transaction; rolled back unless <paramref name="work"/> returns.</summary>
    public Task<T> InTransactionAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken) => RunAsync(
        async connection =>
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var result = await work(connection);
            await transaction.CommitAsync(cancellationToken);
            return result;
        }, cancellationToken);

    public static NpgsqlBatchCommand Part(string sql, params object[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        Add(command.Parameters, values);
        return command;
    }

    public static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        Add(command.Parameters, values);
        return command;
    }

    private static void Add(NpgsqlParameterCollection parameters, object[] values)
    {
        foreach (var value in values)
        {
            parameters.Add(new NpgsqlParameter { Value = value });
        }
    }

    private static NpgsqlBatch Batch(NpgsqlConnection connection, IReadOnlyList<NpgsqlBatchCommand> commands)
    {
        var batch = connection.CreateBatch();
        foreach (var command in commands)
        {
            batch.BatchCommands.Add(command);
        }

        return batch;
    }

    private static async Task<List<T>> ReadAllAsync<T>(
        NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private async Task<T> RunAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        try
        {
            return await work(connection);
        }
        catch (NpgsqlException failure)
        {
            database.ForgetIfStale(failure);
            throw PostgresFault.Translate(failure, database.Description);
        }
    }
}
