using Smtpy.Core.Storage;

namespace Smtpy.Smtp.Deliver;

/// <summary>A message in the hands of the queue, with what the queue must remember about it.</summary>
/// <param name="Cost">Its share of the memory budget.</param>
/// <param name="Lease">Number of the lease under which it was taken; a lost lease makes it somebody else's.</param>
internal sealed record OutboundJob(OutboundMessage Message, long Cost, int Lease)
{
    private bool _released;

    /// <summary>True the first time only: a message's memory is given back once.</summary>
    public bool TryRelease() => !Interlocked.Exchange(ref _released, true);

    public bool IsReleased => Volatile.Read(ref _released);

    public IEnumerable<DeliveryKey> Keys => Message.Recipients.Select(recipient => recipient.Key);
}
