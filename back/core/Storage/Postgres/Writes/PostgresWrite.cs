using Smtpy.Core.Storage.Model;
using Smtpy.Core.Storage.Writing;

namespace Smtpy.Core.Storage.Postgres.Writes;

/// <summary>A write that goes to the server with many others, in statements they share.</summary>
internal abstract class PostgresWrite : PendingWrite
{
    private readonly TaskCompletionSource _caller = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Task => _caller.Task;

    public abstract void AddTo(WriteBatch batch);

    protected sealed override void SetResult() => _caller.SetResult();

    protected sealed override void SetException(Exception failure) => _caller.SetException(failure);

    protected sealed override void SetCancelled() => _caller.SetCanceled(Cancellation);
}

/// <summary>A message, its last part and its deliveries.</summary>
internal sealed class StoreWrite(NewMessage message) : PostgresWrite
{
    public override long Octets => message.LastPart.Length;

    public override void AddTo(WriteBatch batch)
    {
        batch.Messages.Add(message);
        foreach (var contact in message.Contacts)
        {
            batch.Contacts.Add(contact);
        }

        var keepsOctets = false;
        foreach (var delivery in message.Deliveries)
        {
            batch.Deliveries.Add(message, delivery);
            if (delivery.Dsn is { } dsn)
            {
                batch.DsnRequests.Add(message.Id, delivery.Ordinal, dsn);
            }

            keepsOctets |= delivery.State is not DeliveryState.Discarded;
        }

        if (keepsOctets)
        {
            batch.Parts.Add(message.Id, message.LastPartNumber, message.ReceivedAt, message.LastPart);
        }
        else if (message.LastPartNumber > 0)
        {
            batch.Parts.Remove(message.Id);
        }
    }
}

/// <summary>One part of a large message, ahead of the message itself.</summary>
internal sealed class PartWrite(long messageId, int part, DateTimeOffset now, ReadOnlyMemory<byte> octets) : PostgresWrite
{
    public override long Octets => octets.Length;

    public override void AddTo(WriteBatch batch) => batch.Parts.Add(messageId, part, now, octets);
}

/// <summary>The end of one attempt.</summary>
internal sealed class ReportWrite(DeliveryReport report) : PostgresWrite
{
    public override bool CanWait => true;

    public override long Octets => report.Capture?.Head.Length ?? 0;

    public override void AddTo(WriteBatch batch) => batch.Reports.Add(report);
}

/// <summary>Mail that was not taken.</summary>
internal sealed class RefusalWrite(RefusalRow refusal) : PostgresWrite
{
    public override bool CanWait => true;

    public override void AddTo(WriteBatch batch) => batch.Refusals.Add(refusal);
}

/// <summary>A real write, so that it fails wherever mail would.</summary>
internal sealed class ProbeWrite : PostgresWrite
{
    public override void AddTo(WriteBatch batch) => batch.Probes = true;
}
