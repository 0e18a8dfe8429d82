namespace Smtpy.Smtp.Deliver;

/// <summary>Takes messages whose deliveries this process has leased, delivers them, and records how each ended.</summary>
public interface IDeliveryQueue
{
    /// <summary>
    /// Whether a message of this size finds room in memory. Where it does not, the receiver stores it unleased, and it is
    /// read back from the store when there is room.
    /// </summary>
    bool HasRoom(long size);

    /// <summary>Never blocks and never fails; the outcome goes to the store.</summary>
    void Enqueue(OutboundMessage message);
}
