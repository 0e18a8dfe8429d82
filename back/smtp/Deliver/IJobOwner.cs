using Smtpy.Core.Storage;

namespace Smtpy.Smtp.Deliver;

/// <summary>Who has the messages' memory and leases in hand: the queue.</summary>
internal interface IJobOwner
{
    /// <summary>Nothing reads the message any more. Harmless when called again.</summary>
    void Release(OutboundJob job);

    /// <summary>Its recipients go on as messages of their own.</summary>
    void Split(OutboundJob job);

    /// <summary>Untried: given back to the store when the queue stops.</summary>
    void GiveBack(OutboundJob job);

    void GiveBack(DeliveryKey delivery);

    /// <summary>Its destination is left alone.</summary>
    void PutOff(OutboundJob job, LaneBlock block);
}
