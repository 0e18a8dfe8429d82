using Smtpy.Smtp.Route;

namespace Smtpy.Smtp.Deliver;

/// <summary>What tells destinations apart: recipients with the same key may share one <see cref="OutboundMessage"/>.</summary>
public static class DestinationKey
{
    /// <summary>The domain in lower case in MX mode; one key for everything in the other modes.</summary>
    public static string Of(DeliveryMode mode, string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (SelfTestAddresses.IsOne(address))
        {
            // Each run has a port of its own.
            return address.ToLowerInvariant();
        }

        return mode == DeliveryMode.Mx ? Domain(address).ToLowerInvariant() : "";
    }

    /// <summary>What follows the last '@'; empty when there is none.</summary>
    public static string Domain(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address[(address.LastIndexOf('@') + 1)..].TrimEnd('.');
    }
}
