using System.Collections.Concurrent;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;

namespace Smtpy.Smtp.Tests.Receive;

/// <summary>A store that remembers the octets it is given, and fails when told to.</summary>
internal sealed class WatchedStore(IMessageStore inner) : IMessageStore
{
    /// <summary>Octets of messages' parts, the last one included.</summary>
    public ConcurrentDictionary<(long Message, int Part), byte[]> Parts { get; } = new();

    public ConcurrentQueue<NewMessage> Messages { get; } = new();

    public ConcurrentQueue<long> Abandoned { get; } = new();

    /// <summary>Thrown instead of storing a message.</summary>
    public Exception? StoreFault { get; set; }

    /// <summary>Thrown instead of storing a part ahead.</summary>
    public Exception? PartFault { get; set; }

    /// <summary>Nothing of a message goes on to the database.</summary>
    public bool KeepsApart { get; set; }

    public bool IsWritable => inner.IsWritable;

    /// <summary>The parts of a message, one after another.</summary>
    public byte[] Octets(long message) => [.. Parts.Where(p => p.Key.Message == message).OrderBy(static p => p.Key.Part).SelectMany(static p => p.Value)];

    public Task AppendPartAsync(long messageId, int part, ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        if (PartFault is { } fault)
        {
            return Task.FromException(fault);
        }

        Parts[(messageId, part)] = octets.ToArray();
        return KeepsApart ? Task.CompletedTask : inner.AppendPartAsync(messageId, part, octets, cancellationToken);
    }

    public Task StoreAsync(NewMessage message, CancellationToken cancellationToken)
    {
        if (StoreFault is { } fault)
        {
            return Task.FromException(fault);
        }

        Parts[(message.Id, message.LastPartNumber)] = message.LastPart.ToArray();
        Messages.Enqueue(message);
        return KeepsApart ? Task.CompletedTask : inner.StoreAsync(message, cancellationToken);
    }

    public Task AbandonAsync(long messageId, CancellationToken cancellationToken)
    {
        Abandoned.Enqueue(messageId);
        return KeepsApart ? Task.CompletedTask : inner.AbandonAsync(messageId, cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => inner.StartAsync(cancellationToken);

    public ValueTask<long> NextMessageIdAsync(CancellationToken cancellationToken) => inner.NextMessageIdAsync(cancellationToken);

    public Task RecordAsync(DeliveryReport report, CancellationToken cancellationToken) => inner.RecordAsync(report, cancellationToken);

    public Task RecordRefusalAsync(RefusalRow refusal, CancellationToken cancellationToken) => inner.RecordRefusalAsync(refusal, cancellationToken);

    public Task<IReadOnlyList<DueDelivery>> LeaseDueAsync(int limit, CancellationToken cancellationToken) => inner.LeaseDueAsync(limit, cancellationToken);

    public Task GiveBackAsync(IReadOnlyCollection<DeliveryKey> deliveries, CancellationToken cancellationToken) => inner.GiveBackAsync(deliveries, cancellationToken);

    public Task<bool> RenewLeaseAsync(CancellationToken cancellationToken) => inner.RenewLeaseAsync(cancellationToken);

    public ValueTask<byte[]?> ReadPartAsync(long messageId, int part, CancellationToken cancellationToken) => inner.ReadPartAsync(messageId, part, cancellationToken);

    public Task<QueueDepth> MeasureQueueAsync(CancellationToken cancellationToken) => inner.MeasureQueueAsync(cancellationToken);

    public Task<int> PurgeAsync(RetentionPolicy retention, CancellationToken cancellationToken) => inner.PurgeAsync(retention, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
