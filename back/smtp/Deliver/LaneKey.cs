using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Smtp.Deliver;

/// <summary>What a lane's messages have in common, and so what its sessions may be reused for.</summary>
/// <param name="Destination">See <see cref="DestinationKey"/>.</param>
internal readonly record struct LaneKey(string Destination, TlsDemand Tls);
