using System.Collections.Concurrent;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;
using Smtpy.Tests.Support;
using Xunit;

namespace Smtpy.Smtp.Tests.Deliver;

/// <summary>A message store in memory: remembers what it is told, and fails when told to.</summary>
internal sealed class FakeStore : IMessageStore
{
    private readonly SemaphoreSlim _recorded = new(0);

    public ConcurrentQueue<DeliveryReport> Reports { get; } = new();

    public ConcurrentQueue<DeliveryKey> GivenBack { get; } = new();

    public ConcurrentQueue<DueDelivery> Due { get; } = new();

    public ConcurrentDictionary<(long Message, int Part), byte[]> Parts { get; } = new();

    /// <summary>Awaited before a report is taken; may throw.</summary>
    public Func<DeliveryReport, Task> BeforeRecord { get; set; } = _ => Task.CompletedTask;

    public Func<bool> Renew { get; set; } = () => true;

    public int RecordAttempts => Volatile.Read(ref _recordAttempts);

    private int _recordAttempts;

    public bool IsWritable => true;

    public async Task RecordAsync(DeliveryReport report, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _recordAttempts);
        await BeforeRecord(report);
        Reports.Enqueue(report);
        _recorded.Release();
    }

    public ConcurrentQueue<RefusalRow> Refusals { get; } = new();

    public Task RecordRefusalAsync(RefusalRow refusal, CancellationToken cancellationToken)
    {
        Refusals.Enqueue(refusal);
        return Task.CompletedTask;
    }

    /// <summary>Waits for this many further reports and returns all so far.</summary>
    public async Task<DeliveryReport[]> WaitAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(await _recorded.WaitAsync(Until.Patience), $"only {i} of {count} outcomes came");
        }

        return [.. Reports];
    }

    public Task<IReadOnlyList<DueDelivery>> LeaseDueAsync(int limit, CancellationToken cancellationToken)
    {
        var due = new List<DueDelivery>();
        while (due.Count < limit && Due.TryDequeue(out var delivery))
        {
            due.Add(delivery);
        }

        return Task.FromResult<IReadOnlyList<DueDelivery>>(due);
    }

    public Task GiveBackAsync(IReadOnlyCollection<DeliveryKey> deliveries, CancellationToken cancellationToken)
    {
        foreach (var delivery in deliveries)
        {
            GivenBack.Enqueue(delivery);
        }

        return Task.CompletedTask;
    }

    public Task<bool> RenewLeaseAsync(CancellationToken cancellationToken) => Task.FromResult(Renew());

    public ValueTask<byte[]?> ReadPartAsync(long messageId, int part, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Parts.TryGetValue((messageId, part), out var octets) ? octets : null);

    public Task StartAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<long> NextMessageIdAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task AppendPartAsync(long messageId, int part, ReadOnlyMemory<byte> octets, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task StoreAsync(NewMessage message, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task AbandonAsync(long messageId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<QueueDepth> MeasureQueueAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<int> PurgeAsync(RetentionPolicy retention, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync()
    {
        _recorded.Dispose();
        return ValueTask.CompletedTask;
    }
}
