using System.Buffers.Binary;
using Smtpy.Core.Storage;

namespace Smtpy.Api.Messages;

/// <summary>
/// addy.io's ids are UUIDs; a delivery has a message number and an ordinal. A UUID of version 8 (RFC 9562 section 5.8) that holds
/// both stands for it: octets 0–5 and 7 the message (below 2^53), 12–15 the ordinal.
/// </summary>
internal static class DeliveryIds
{
    private const byte Version8 = 0x80;
    private const byte Variant = 0x80;

    public static Guid Of(DeliveryKey key)
    {
        Span<byte> octets = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(octets, key.MessageId << 8);
        octets[7] = octets[6];
        octets[6] = Version8;
        octets[8] = Variant;
        BinaryPrimitives.WriteInt32BigEndian(octets[12..], key.Ordinal);
        return new Guid(octets, bigEndian: true);
    }

    /// <returns>The delivery; one that cannot exist where the id is none of ours.</returns>
    public static DeliveryKey Key(Guid id)
    {
        Span<byte> octets = stackalloc byte[16];
        _ = id.TryWriteBytes(octets, bigEndian: true, out _);
        var key = new DeliveryKey(
            (BinaryPrimitives.ReadInt64BigEndian(octets) >> 16 << 8) | octets[7], BinaryPrimitives.ReadInt32BigEndian(octets[12..]));
        return Of(key) == id ? key : new DeliveryKey(-1, -1);
    }
}
