using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;
using Smtpy.Core.Storage.Model;
using Smtpy.Core.Storage.Postgres.Writes;
using Smtpy.Core.Storage.Writing;

namespace Smtpy.Core.Storage.Postgres;

/// <summary>The message store on a PostgreSQL server. Any number of processes work on its queue.</summary>
public sealed class PostgresMessageStore : IMessageStore
{
    private readonly PostgresDatabase _database;
    private readonly TimeProvider _time;
    private readonly PostgresReader _reader;
    private readonly PostgresWriter _writer;
    private readonly PostgresLeases _leases;
    private readonly PostgresPurge _purge;
    private readonly MessageIds _ids;

    /// <summary>Messages whose parts are coming in right now; a purge leaves them alone whatever their age.</summary>
    private readonly ConcurrentDictionary<long, byte> _incoming = new();

    /// <summary>Messages that were refused while their commit may have gone through.</summary>
    private readonly ConcurrentQueue<long> _unknown = new();
    private bool _disposed;

    public PostgresMessageStore(
        PostgresDatabase database, MessageStoreOptions options, int writers, TimeProvider time, StorageMetrics metrics,
        ILogger<PostgresMessageStore> logger)
    {
        (_database, _time) = (database, time);
        var session = new PostgresSession(database);
        _reader = new PostgresReader(session);
        _writer = new PostgresWriter(database, options, writers, time, metrics, logger);
        _leases = new PostgresLeases(session, options.LeaseValidity, time);
        _purge = new PostgresPurge(session, options);
        _ids = new MessageIds(
            (count, cancellationToken) => session.ScalarAsync<long>(
                PostgresLeases.Reserve, cancellationToken, CounterRow.MessageId, (long)count), options.IdBlock);
    }

    public bool IsWritable => _writer.IsWritable;

    /// <summary>For tests, which break it.</summary>
    internal PostgresWriter Writer => _writer;

    /// <summary>For tests, which move its clock.</summary>
    internal PostgresLeases Leases => _leases;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!(await _database.ReadSchemaAsync(cancellationToken)).Serves(_database.Schema))
        {
            throw new StorageException($"The database {_database.Description} is not up to date; run: smtpy migrate");
        }

        _writer.Lease = await _leases.TakeAsync(cancellationToken);
    }

    public ValueTask<long> NextMessageIdAsync(CancellationToken cancellationToken) => _ids.NextAsync(cancellationToken);

    public Task AppendPartAsync(long messageId, int part, ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        _incoming.TryAdd(messageId, 0);
        return _writer.WriteAsync(new PartWrite(messageId, part, _time.GetUtcNow(), octets) { Cancellation = cancellationToken });
    }

    public async Task StoreAsync(NewMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await _writer.WriteAsync(new StoreWrite(message) { Cancellation = cancellationToken });
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
            await _purge.AbandonAsync(messageId, cancellationToken);
        }
        finally
        {
            // Whatever is still there is removed as an orphan later.
            _incoming.TryRemove(messageId, out _);
        }
    }

    public Task RecordAsync(DeliveryReport report, CancellationToken cancellationToken) =>
        _writer.WriteAsync(new ReportWrite(report) { Cancellation = cancellationToken });

    public Task RecordRefusalAsync(RefusalRow refusal, CancellationToken cancellationToken) =>
        _writer.WriteAsync(new RefusalWrite(refusal) { Cancellation = cancellationToken });

    public async Task<IReadOnlyList<DueDelivery>> LeaseDueAsync(int limit, CancellationToken cancellationToken)
    {
        await TakeBackAsync(cancellationToken);
        await _leases.FreeExpiredAsync(cancellationToken);
        return await _leases.TakeDueAsync(limit, _time.GetUtcNow(), cancellationToken);
    }

    public Task GiveBackAsync(IReadOnlyCollection<DeliveryKey> deliveries, CancellationToken cancellationToken) =>
        _leases.GiveBackAsync(deliveries, _time.GetUtcNow(), cancellationToken);

    public Task<bool> RenewLeaseAsync(CancellationToken cancellationToken) => _leases.RenewAsync(cancellationToken);

    public ValueTask<byte[]?> ReadPartAsync(long messageId, int part, CancellationToken cancellationToken) =>
        _reader.PartAsync(messageId, part, cancellationToken);

    public Task<QueueDepth> MeasureQueueAsync(CancellationToken cancellationToken) => _reader.QueueAsync(cancellationToken);

    public Task<int> PurgeAsync(RetentionPolicy retention, CancellationToken cancellationToken) =>
        _purge.RunAsync(retention, _time.GetUtcNow(), [.. _incoming.Keys], cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;

        // What still waits is written before the lease under which it is written ends.
        await _writer.DisposeAsync();
        try
        {
            await _leases.ReleaseAsync(CancellationToken.None);
        }
        catch (StorageException)
        {
            // The server does not take it; the lease ends by itself.
        }

        _ids.Dispose();
    }

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
            await _leases.TakeBackAsync(ids, cancellationToken);
        }
        catch
        {
            ids.ForEach(_unknown.Enqueue);
            throw;
        }
    }
}
