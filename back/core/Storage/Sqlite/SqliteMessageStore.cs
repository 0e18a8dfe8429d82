using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Smtpy.Core.Storage.Model;
using Smtpy.Core.Storage.Sqlite.Operations;
using Smtpy.Core.Storage.Writing;

namespace Smtpy.Core.Storage.Sqlite;

/// <summary>The message store on a SQLite file. One process at a time works on its queue; any may read it.</summary>
public sealed class SqliteMessageStore : IMessageStore
{
    private readonly SqliteDatabase _database;
    private readonly MessageStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly SqliteReader _reader;
    private readonly SqliteWriter _writer;
    private readonly MessageIds _ids;

    /// <summary>Messages whose parts are coming in right now; a purge leaves them alone whatever their age.</summary>
    private readonly ConcurrentDictionary<long, byte> _incoming = new();

    /// <summary>Messages that were refused while their commit may have gone through.</summary>
    private readonly ConcurrentQueue<long> _unknown = new();
    private LockFile? _lock;
    private long _lease;
    private bool _disposed;

    public SqliteMessageStore(
        SqliteDatabase database, MessageStoreOptions options, TimeProvider time, StorageMetrics metrics, ILogger<SqliteMessageStore> logger)
    {
        (_database, _options, _time) = (database, options, time);
        _reader = new SqliteReader(database);
        _writer = new SqliteWriter(database, options, time, metrics, logger);
        _ids = new MessageIds(
            (count, cancellationToken) => _writer.WriteAsync(
                new ReserveNumbers(CounterRow.MessageId, count) { Cancellation = cancellationToken }),
            options.IdBlock);
    }

    public bool IsWritable => _writer.IsWritable;

    /// <summary>For tests, which break it.</summary>
    internal SqliteWriter Writer => _writer;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!(await _database.ReadSchemaAsync(cancellationToken)).Serves(_database.Schema))
        {
            throw new StorageException($"The database {_database.Path} is not up to date; run: smtpy migrate");
        }

        _lock = LockFile.Take(_database.Path + ".lock");
        _lease = await _writer.WriteAsync(new TakeLease(LeaseEnd()) { Cancellation = cancellationToken });
    }

    public ValueTask<long> NextMessageIdAsync(CancellationToken cancellationToken) => _ids.NextAsync(cancellationToken);

    public Task AppendPartAsync(long messageId, int part, ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        // The octets stand in the log first and in the database later, so twice.
        if (FreeSpace.Below(_database.Path, _options.ReservedOctets + (2L * octets.Length)))
        {
            return Task.FromException(new StorageFullException($"Too little space is left for large messages where {_database.Path} is."));
        }

        _incoming.TryAdd(messageId, 0);
        return _writer.WriteAsync(new AppendPart(messageId, part, Now, octets) { Cancellation = cancellationToken });
    }

    public async Task StoreAsync(NewMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await _writer.WriteAsync(new StoreMessage(message, _lease) { Cancellation = cancellationToken });
        }
        catch (StorageException failure) when (failure.IsFateUnknown)
        {
            _unknown.Enqueue(message.Id);
            throw;
        }
        finally
        {
            if (message.LastPartNumber > 0)
            {
                _incoming.TryRemove(message.Id, out _);
            }
        }
    }

    public async Task AbandonAsync(long messageId, CancellationToken cancellationToken)
    {
        try
        {
            await _writer.WriteAsync(new AbandonMessage([messageId]) { Cancellation = cancellationToken });
        }
        finally
        {
            // Whatever is still there is removed as an orphan later.
            _incoming.TryRemove(messageId, out _);
        }
    }

    public Task RecordAsync(DeliveryReport report, CancellationToken cancellationToken) =>
        _writer.WriteAsync(new RecordDelivery(report, _lease) { Cancellation = cancellationToken });

    public Task RecordRefusalAsync(RefusalRow refusal, CancellationToken cancellationToken) =>
        _writer.WriteAsync(new RecordRefusal(refusal) { Cancellation = cancellationToken });

    public async Task<IReadOnlyList<DueDelivery>> LeaseDueAsync(int limit, CancellationToken cancellationToken)
    {
        await TakeBackAsync(cancellationToken);
        var now = Now;
        return await _reader.AnythingDueAsync(_lease, now, cancellationToken)
            ? await _writer.WriteAsync(new LeaseDeliveries(_lease, limit, now) { Cancellation = cancellationToken })
            : [];
    }

    public Task GiveBackAsync(IReadOnlyCollection<DeliveryKey> deliveries, CancellationToken cancellationToken) =>
        _writer.WriteAsync(new GiveBackDeliveries(deliveries, _lease, Now) { Cancellation = cancellationToken });

    public Task<bool> RenewLeaseAsync(CancellationToken cancellationToken) =>
        _writer.WriteAsync(new RenewLease(_lease, Now, LeaseEnd()) { Cancellation = cancellationToken });

    public ValueTask<byte[]?> ReadPartAsync(long messageId, int part, CancellationToken cancellationToken) =>
        _reader.PartAsync(messageId, part, cancellationToken);

    public Task<QueueDepth> MeasureQueueAsync(CancellationToken cancellationToken) =>
        _reader.QueueAsync(cancellationToken).AsTask();

    public Task<int> PurgeAsync(RetentionPolicy retention, CancellationToken cancellationToken) =>
        new SqlitePurge(_reader, _writer, _options, Now, _incoming.ContainsKey).RunAsync(retention, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        try
        {
            if (_lease != 0)
            {
                await _writer.WriteAsync(new ReleaseLease(_lease));
            }
        }
        catch (StorageException)
        {
            // The disk does not take it; the next start frees the lease.
        }

        await _writer.DisposeAsync();
        _ids.Dispose();
        _lock?.Dispose();
    }

    private DateTimeOffset Now => _time.GetUtcNow();

    private DateTimeOffset LeaseEnd() => Now + _options.LeaseValidity;

    private async Task TakeBackAsync(CancellationToken cancellationToken)
    {
        if (_unknown.IsEmpty)
        {
            return;
        }

        var ids = new List<long>();
        while (_unknown.TryDequeue(out var id))
        {
            ids.Add(id);
        }

        try
        {
            await _writer.WriteAsync(new TakeBackMessages(ids) { Cancellation = cancellationToken });
        }
        catch
        {
            ids.ForEach(_unknown.Enqueue);
            throw;
        }
    }
}
