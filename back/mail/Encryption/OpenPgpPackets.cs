using System.Buffers;
using System.Buffers.Binary;

namespace Smtpy.Mail.Encryption;

/// <summary>
/// Goes over the packets of an OpenPGP key (RFC 9580 sections 4 and 5) before they are parsed in earnest, and copies those
/// that matter: so a parser made for trusted input sees only whole packets, sane lengths and numbers of bounded size.
/// </summary>
internal sealed class OpenPgpPackets
{
    // A key with many user ids, subkeys and signatures by others has hundreds.
    private const int MaxPackets = 4096;

    // A public exponent or a DSA prime beyond this would only serve to keep a processor busy.
    private const int MaxExponentBits = 64;
    private const int MaxDsaBits = 4096;

    private const int Signature = 2;
    private const int SecretKey = 5;
    private const int PublicKey = 6;
    private const int SecretSubkey = 7;
    private const int UserId = 13;
    private const int PublicSubkey = 14;

    private readonly ArrayBufferWriter<byte> _kept = new();

    public int PrimaryKeys { get; private set; }

    public bool HasSecretKey { get; private set; }

    /// <summary>The primary key is of a version or with numbers that are not read.</summary>
    public bool PrimaryUnsupported { get; private set; }

    /// <summary>Primary key, user ids, signatures of version 4, and subkeys that can encrypt.</summary>
    public byte[] Kept => _kept.WrittenSpan.ToArray();

    /// <returns>Null where the octets are not a sequence of whole packets, or too many.</returns>
    public static OpenPgpPackets? Read(ReadOnlySpan<byte> octets, EncryptionOptions options)
    {
        var packets = new OpenPgpPackets();
        for (var count = 0; !octets.IsEmpty; count++)
        {
            if (count == MaxPackets || !TryReadHeader(octets, out var tag, out var header, out var length))
            {
                return null;
            }

            packets.Look(tag, octets.Slice(header, length), octets[..(header + length)], options);
            octets = octets[(header + length)..];
        }

        return packets;
    }

    private void Look(int tag, ReadOnlySpan<byte> body, ReadOnlySpan<byte> packet, EncryptionOptions options)
    {
        var keep = false;
        switch (tag)
        {
            case SecretKey or SecretSubkey:
                HasSecretKey = true;
                break;
            case PublicKey:
                PrimaryKeys++;
                keep = IsReadable(body, options);
                PrimaryUnsupported |= !keep;
                break;
            case PublicSubkey:
                keep = body.Length > 5 && body[5] is 1 or 2 or 18 && IsReadable(body, options);
                break;
            case UserId:
                keep = true;
                break;
            case Signature:
                keep = IsWholeSignature(body);
                break;
        }

        if (keep)
        {
            _kept.Write(packet);
        }
    }

    // Section 5.5.2: version, creation time, algorithm, then its numbers.
    private static bool IsReadable(ReadOnlySpan<byte> body, EncryptionOptions options)
    {
        if (body.Length < 8 || body[0] != 4)
        {
            return false;
        }

        var numbers = body[6..];
        return body[5] switch
        {
            1 or 2 or 3 => TakeNumber(ref numbers, out var modulus) && modulus <= options.MaxRsaBits
                && TakeNumber(ref numbers, out var exponent) && exponent is > 1 and <= MaxExponentBits,
            17 => TakeNumber(ref numbers, out var prime) && prime is > 0 and <= MaxDsaBits,
            18 or 19 or 22 or 27 or 28 => true,
            _ => false,
        };
    }

    private static bool TakeNumber(ref ReadOnlySpan<byte> numbers, out int bits)
    {
        if (!BinaryPrimitives.TryReadUInt16BigEndian(numbers, out var declared))
        {
            bits = 0;
            return false;
        }

        bits = declared;
        var octets = 2 + ((bits + 7) / 8);
        if (octets > numbers.Length)
        {
            return false;
        }

        numbers = numbers[octets..];
        return true;
    }

    // Section 5.2.3: version, type, two algorithms, hashed and unhashed subpackets, then the signature itself.
    private static bool IsWholeSignature(ReadOnlySpan<byte> body)
    {
        if (body.Length < 4 || body[0] != 4)
        {
            return false;
        }

        var rest = body[4..];
        return TakeSubpackets(ref rest) && TakeSubpackets(ref rest);
    }

    private static bool TakeSubpackets(ref ReadOnlySpan<byte> rest)
    {
        if (!BinaryPrimitives.TryReadUInt16BigEndian(rest, out var length) || length > rest.Length - 2)
        {
            return false;
        }

        var area = rest.Slice(2, length);
        rest = rest[(2 + length)..];
        while (!area.IsEmpty)
        {
            if (!TryReadLength(area, partialExists: false, out var header, out var subpacket)
                || subpacket == 0 || subpacket > area.Length - header)
            {
                return false;
            }

            area = area[(header + subpacket)..];
        }

        return true;
    }

    // Section 4.2: both formats of the header; lengths that are not stated up front are for data, never for keys.
    private static bool TryReadHeader(ReadOnlySpan<byte> octets, out int tag, out int header, out int length)
    {
        (tag, header, length) = (0, 0, 0);
        if ((octets[0] & 0x80) == 0)
        {
            return false;
        }

        if ((octets[0] & 0x40) != 0)
        {
            tag = octets[0] & 0x3F;
            if (!TryReadLength(octets[1..], partialExists: true, out header, out length))
            {
                return false;
            }

            header++;
            return length <= octets.Length - header;
        }

        tag = (octets[0] >> 2) & 0x0F;
        var size = (octets[0] & 3) switch { 0 => 1, 1 => 2, 2 => 4, _ => 0 };
        if (size == 0 || octets.Length < 1 + size)
        {
            return false;
        }

        long stated = 0;
        foreach (var octet in octets.Slice(1, size))
        {
            stated = (stated << 8) | octet;
        }

        header = 1 + size;
        length = (int)Math.Min(stated, int.MaxValue);
        return length <= octets.Length - header;
    }

    // Sections 4.2.1 (where 224 to 254 mean a partial length, which is refused) and 5.2.3.7 (where they do not).
    private static bool TryReadLength(ReadOnlySpan<byte> octets, bool partialExists, out int header, out int length)
    {
        (header, length) = (0, 0);
        switch (octets)
        {
            case [< 192 and var one, ..]:
                (header, length) = (1, one);
                return true;
            case [< 255 and var first, var second, ..] when first < 224 || !partialExists:
                (header, length) = (2, ((first - 192) << 8) + second + 192);
                return true;
            case [255, _, _, _, _, ..]:
                var stated = BinaryPrimitives.ReadUInt32BigEndian(octets[1..]);
                (header, length) = (5, (int)Math.Min(stated, int.MaxValue));
                return true;
            default:
                return false;
        }
    }
}
