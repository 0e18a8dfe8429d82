using Microsoft.Extensions.Logging;
using Npgsql;
using Smtpy.Core.Storage.Postgres.Writes;
using Smtpy.Core.Storage.Writing;

namespace Smtpy.Core.Storage.Postgres;

/// <summary>
/// The group commit: a few threads, each with a connection of its own, take everything that waits, send it as one transaction,
/// and answer all callers when that is durable. While one waits for the server the next gathers.
/// </summary>
internal sealed partial class PostgresWriter : IAsyncDisposable
{
    private readonly PostgresDatabase _database;
    private readonly MessageStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly StorageMetrics _metrics;
    private readonly ILogger _logger;
    private readonly WriteQueue<PostgresWrite> _queue;
    private readonly ITimer _expiry;
    private readonly Task _stopped;
    private int _isBroken;

    public PostgresWriter(
        PostgresDatabase database, MessageStoreOptions options, int writers, TimeProvider time, StorageMetrics metrics, ILogger logger)
    {
        (_database, _options, _time, _metrics, _logger) = (database, options, time, metrics, logger);
        _queue = new WriteQueue<PostgresWrite>(options, time);
        metrics.Watch(() => _queue.Length);
        var tick = TimeSpan.FromTicks(Math.Clamp(options.WriteTimeout.Ticks / 10, TimeSpan.TicksPerMillisecond, TimeSpan.TicksPerSecond));
        _expiry = time.CreateTimer(_ => _queue.Expire(), null, tick, tick);
        _stopped = Task.WhenAll(Enumerable.Range(0, writers).Select(_ => StartThread()));
    }

    /// <summary>The lease that new deliveries are stored under and reports are made under; set before the first write.</summary>
    public long Lease { get; set; }

    public bool IsWritable => Volatile.Read(ref _isBroken) == 0;

    /// <summary>For tests: called before each batch is sent, to make it fail or wait.</summary>
    internal Action<NpgsqlConnection>? BeforeBatch { get; set; }

    /// <summary>For tests: called after each batch is committed, before anybody is told.</summary>
    internal Action<NpgsqlConnection>? AfterBatch { get; set; }

    /// <exception cref="StorageException">Nothing was stored, or <see cref="StorageException.IsFateUnknown"/>.</exception>
    public Task WriteAsync(PostgresWrite write) => _queue.TryAdd(write) is { } refusal ? Task.FromException(refusal) : write.Task;

    /// <summary>Writes what still waits, then closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _stopped;
        await _expiry.DisposeAsync();
    }

    private Task StartThread()
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            Run();
            stopped.SetResult();
        })
        { IsBackground = true, Name = "smtpy store writer" };
        thread.Start();
        return stopped.Task;
    }

    private void Run()
    {
        using var sender = new BatchSender(_database);
        var taken = _queue.AddWriter();
        while (_queue.Take(taken, _options.ProbeInterval))
        {
            if (taken.Count > 0)
            {
                Commit(sender, taken);
            }
            else if (!IsWritable)
            {
                // The failure is known and logged already; only success is news.
                _ = TryCommit(sender, [new ProbeWrite()]);
            }
        }
    }

    /// <summary>
    /// A batch that failed is tried again in halves, so that an impossible write fails alone, and so that on a full disk what frees
    /// space still gets through. When the database itself fails there is no point in going on.
    /// </summary>
    /// <returns>Null, or the failure of the database that makes going on pointless.</returns>
    private Exception? Commit(BatchSender sender, List<PostgresWrite> writes)
    {
        if (TryCommit(sender, writes) is not { } failure)
        {
            return null;
        }

        var hopeless = PostgresFault.IsOfDatabase(failure) && !PostgresFault.IsFull(failure) ? failure : null;
        if (hopeless is not null || writes.Count == 1)
        {
            Fail(writes, failure);
            return hopeless;
        }

        var half = writes.Count / 2;
        hopeless = Commit(sender, writes[..half]);
        if (hopeless is null)
        {
            return Commit(sender, writes[half..]);
        }

        // These were not sent again, and the first attempt was rolled back: nothing of them can be stored.
        Fail(writes[half..], new StorageException(PostgresFault.Translate(hopeless, _database.Description).Message, hopeless));
        return hopeless;
    }

    /// <returns>Null where it is durable, else why not.</returns>
    private Exception? TryCommit(BatchSender sender, List<PostgresWrite> writes)
    {
        var started = _time.GetTimestamp();
        var begun = writes.FindAll(static write => write.TryBegin());
        try
        {
            sender.Send(begun, Lease, BeforeBatch, AfterBatch);
        }
        catch (Exception failure)
        {
            begun.ForEach(static write => write.End());
            begun.ForEach(static write => write.Undo());
            Failed(failure);
            return failure;
        }

        begun.ForEach(static write => write.End());
        _metrics.Committed(begun.Count, _time.GetElapsedTime(started));

        // Before anybody is answered: a caller whose write came through must not find the store unwritable.
        Recovered();
        begun.ForEach(static write => write.Complete());
        return null;
    }

    private void Fail(List<PostgresWrite> writes, Exception failure)
    {
        var translated = PostgresFault.Translate(failure, _database.Description);
        writes.ForEach(write => write.Fail(translated));
    }

    private void Failed(Exception failure)
    {
        _metrics.Failed();
        if (PostgresFault.IsOfDatabase(failure))
        {
            _database.Forget();
            if (Interlocked.Exchange(ref _isBroken, 1) == 0)
            {
                LogFailed(_logger, _database.Description, PostgresFault.Translate(failure, _database.Description));
            }
        }
    }

    private void Recovered()
    {
        if (Interlocked.Exchange(ref _isBroken, 0) != 0)
        {
            LogRecovered(_logger, _database.Description);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The message store cannot write to {Database}; mail is deferred until it can.")]
    private static partial void LogFailed(ILogger logger, string database, Exception failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "The message store writes to {Database} again.")]
    private static partial void LogRecovered(ILogger logger, string database);
}
