using System.Buffers.Text;

namespace Smtpy.Mail.Encryption;

/// <summary>
/// The CRC-24 at the end of OpenPGP's armour (RFC 9580 section 6.1). The RFC would leave it out, but GnuPG 2.2 takes the end
/// line of an armour without it for content whenever the last line needs no padding.
/// </summary>
internal struct ArmorChecksum()
{
    private const uint Initial = 0xB704CE;
    private const uint Polynomial = 0x1864CFB;

    private static readonly uint[] Table = MakeTable();

    private uint _value = Initial;

    public void Add(ReadOnlySpan<byte> octets)
    {
        foreach (var octet in octets)
        {
            _value = (_value << 8) ^ Table[(byte)(_value >> 16) ^ octet];
        }
    }

    /// <summary>Writes four characters of base64.</summary>
    public readonly void WriteTo(Span<byte> characters)
    {
        ReadOnlySpan<byte> octets = [(byte)(_value >> 16), (byte)(_value >> 8), (byte)_value];
        Base64.EncodeToUtf8(octets, characters, out _, out _);
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (uint octet = 0; octet < 256; octet++)
        {
            var value = octet << 16;
            for (var bit = 0; bit < 8; bit++)
            {
                value = (value & 0x800000) != 0 ? (value << 1) ^ Polynomial : value << 1;
            }

            table[octet] = value;
        }

        return table;
    }
}
