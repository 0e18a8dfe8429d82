using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Smtpy.Core.Storage.Sqlite.Operations;
using Smtpy.Core.Storage.Writing;

namespace Smtpy.Core.Storage.Sqlite;

/// <summary>
/// The group commit: one thread takes everything that waits, writes it in one transaction, and answers all callers when that
/// one commit is durable. While it is being synced the next batch gathers, so the busier, the larger the batches.
/// </summary>
internal sealed partial class SqliteWriter : IAsyncDisposable
{
    private readonly SqliteDatabase _database;
    private readonly MessageStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly StorageMetrics _metrics;
    private readonly ILogger _logger;
    private readonly WriteQueue<WriteOperation> _queue;
    private readonly ITimer _expiry;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SqliteWriteConnection? _connection;
    private volatile bool _isWritable = true;
    private int _unfoldedCommits;

    public SqliteWriter(
        SqliteDatabase database, MessageStoreOptions options, TimeProvider time, StorageMetrics metrics, ILogger logger)
    {
        (_database, _options, _time, _metrics, _logger) = (database, options, time, metrics, logger);
        _queue = new WriteQueue<WriteOperation>(options, time);
        metrics.Watch(() => _queue.Length);
        var tick = TimeSpan.FromTicks(Math.Clamp(options.WriteTimeout.Ticks / 10, TimeSpan.TicksPerMillisecond, TimeSpan.TicksPerSecond));
        _expiry = time.CreateTimer(_ => _queue.Expire(), null, tick, tick);
        new Thread(Run) { IsBackground = true, Name = "smtpy store writer" }.Start();
    }

    public bool IsWritable => _isWritable;

    /// <summary>For tests: called with each connection when it is opened.</summary>
    internal Action<SqliteWriteConnection>? Opened { get; set; }

    /// <summary>For tests: called before each commit, to make one throw.</summary>
    internal Action? BeforeCommit { get; set; }

    /// <exception cref="StorageException">Nothing was stored.</exception>
    public Task<T> WriteAsync<T>(WriteOperation<T> operation) =>
        _queue.TryAdd(operation) is { } refusal ? Task.FromException<T>(refusal) : operation.Task;

    /// <summary>Writes what still waits, then closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _stopped.Task;
        await _expiry.DisposeAsync();
    }

    private void Run()
    {
        var batch = _queue.AddWriter();
        while (_queue.Take(batch, _options.ProbeInterval))
        {
            if (batch.Count == 0)
            {
                WhenIdle();
            }
            else if (!TryCommit(batch, out var failure))
            {
                OneByOne(batch, failure!);
                CloseConnection();
            }
        }

        _connection?.Dispose();
        _stopped.SetResult();
    }

    private bool TryCommit(IReadOnlyList<WriteOperation> batch, out Exception? failure)
    {
        var started = _time.GetTimestamp();
        var executed = 0;
        try
        {
            var connection = _connection ??= Open();
            connection.Begin();
            for (var i = 0; i < batch.Count; i++)
            {
                executed += batch[i].TryExecute(connection) ? 1 : 0;
            }

            BeforeCommit?.Invoke();
            connection.Commit();
        }
        catch (Exception caught)
        {
            failure = caught;
            Undo(batch, caught);
            return false;
        }

        failure = null;
        _metrics.Committed(executed, _time.GetElapsedTime(started));

        // Before anybody is answered: a caller whose write came through must not find the store unwritable.
        Recovered();
        CommitAnswers.Send(batch);
        FoldLog();
        return true;
    }

    /// <summary>
    /// A batch that failed is tried again one by one, so that an impossible write fails alone, and so that on a full disk what
    /// frees space still gets through. When the database itself fails there is no point in going on.
    /// </summary>
    private void OneByOne(List<WriteOperation> batch, Exception failure)
    {
        if (batch.Count == 1)
        {
            batch[0].Fail(SqliteFault.Translate(failure, _database.Path));
            return;
        }

        var hopeless = IsHopeless(failure) ? failure : null;
        var single = new WriteOperation[1];
        foreach (var operation in batch)
        {
            single[0] = operation;
            if (hopeless is not null)
            {
                operation.Fail(SqliteFault.Translate(hopeless, _database.Path));
            }
            else if (!TryCommit(single, out var again))
            {
                operation.Fail(SqliteFault.Translate(again!, _database.Path));
                hopeless = IsHopeless(again!) ? again : null;
            }
        }
    }

    private bool IsHopeless(Exception failure) => SqliteFault.IsOfDatabase(failure) && !SqliteFault.IsFull(failure, _database.Path);

    private void Undo(IReadOnlyList<WriteOperation> batch, Exception failure)
    {
        _metrics.Failed();
        if (SqliteFault.IsOfDatabase(failure) && _isWritable)
        {
            _isWritable = false;
            LogFailed(_logger, _database.Path, SqliteFault.Translate(failure, _database.Path));
        }

        if (!TryRollback(failure))
        {
            CloseConnection();
        }

        for (var i = 0; i < batch.Count; i++)
        {
            batch[i].Undo();
        }
    }

    /// <summary>Only where SQLite left everything in order: a refused row, or no space. Else closing the connection rolls back.</summary>
    private bool TryRollback(Exception failure)
    {
        if (failure is not SqliteException || _connection is null || IsHopeless(failure))
        {
            return false;
        }

        try
        {
            _connection.Rollback();
            return true;
        }
        catch (SqliteException)
        {
            return false;
        }
    }

    private void WhenIdle()
    {
        if (!_isWritable)
        {
            // The failure is known and logged already; only success is news.
            _ = TryCommit([new WriteProbe()], out _);
        }
        else if (_unfoldedCommits > 0)
        {
            Fold();
        }
    }

    private void FoldLog()
    {
        _unfoldedCommits++;
        if (_connection?.LogPages >= _options.CheckpointPages)
        {
            Fold();
        }
    }

    /// <summary>Failing here loses nothing: the log is complete, and the next fold tries again.</summary>
    private void Fold()
    {
        _unfoldedCommits = 0;
        try
        {
            _connection?.Checkpoint();
        }
        catch (SqliteException failure)
        {
            LogFoldFailed(_logger, _database.Path, failure);
            CloseConnection();
        }
    }

    private SqliteWriteConnection Open()
    {
        var connection = SqliteWriteConnection.Open(_database.Path, _options.BusyTimeout);
        Opened?.Invoke(connection);
        return connection;
    }

    private void CloseConnection()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private void Recovered()
    {
        if (!_isWritable)
        {
            _isWritable = true;
            LogRecovered(_logger, _database.Path);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The message store cannot write to {Path}; mail is deferred until it can.")]
    private static partial void LogFailed(ILogger logger, string path, Exception failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "The message store writes to {Path} again.")]
    private static partial void LogRecovered(ILogger logger, string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The write-ahead log of {Path} could not be folded into the database.")]
    private static partial void LogFoldFailed(ILogger logger, string path, Exception failure);
}
