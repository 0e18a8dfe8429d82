using System.Buffers;
using System.Buffers.Text;

namespace Smtpy.Mail.Rewriting;

/// <summary>
/// What stands base64-encoded between "-----BEGIN …-----" and "-----END …-----" (RFC 9580 section 6.2, RFC 7468): keys and certificates,
/// which name whom they belong to.
/// </summary>
internal static class ArmoredText
{
    private static ReadOnlySpan<byte> Begin => "-----BEGIN "u8;

    /// <returns>The decoded octets of all blocks, one behind the other; empty where there is none.</returns>
    public static ReadOnlySpan<byte> Decode(ReadOnlySpan<byte> text)
    {
        if (text.IndexOf(Begin) < 0)
        {
            return [];
        }

        var decoded = new ArrayBufferWriter<byte>(text.Length);
        while (text.IndexOf(Begin) is >= 0 and var begin)
        {
            text = text[(begin + Begin.Length)..];
            var end = text.IndexOf("-----END "u8);
            DecodeBlock(end < 0 ? text : text[..end], decoded);
            text = end < 0 ? [] : text[end..];
        }

        return decoded.WrittenSpan;
    }

    /// <summary>
    /// As one stream, whatever its lines are: quoted with "&gt;", ended by HTML, of any length. Armor headers ("Comment: …") and the checksum
    /// are left out.
    /// </summary>
    private static void DecodeBlock(ReadOnlySpan<byte> block, ArrayBufferWriter<byte> decoded)
    {
        var alphabet = new ArrayBufferWriter<byte>(block.Length + 1);
        ReadOnlySpan<byte> lines = WithoutTags(block);
        foreach (var range in lines.Split((byte)'\n'))
        {
            var line = lines[range].TrimStart("> \t"u8);
            if (line.StartsWith("="u8))
            {
                break;
            }

            if (!line.Contains((byte)':') && !line.TrimEnd("\r "u8).EndsWith("-----"u8))
            {
                Gather(line, alphabet);
            }
        }

        var octets = alphabet.WrittenSpan;
        octets = octets[..(octets.Length / 4 * 4)];
        Base64.DecodeFromUtf8(octets, decoded.GetSpan(octets.Length + 1), out _, out var written);
        decoded.Advance(written);
    }

    /// <summary>A tag of HTML ends a line; none of its letters are the key's.</summary>
    private static byte[] WithoutTags(ReadOnlySpan<byte> block)
    {
        var text = new byte[block.Length];
        var (length, isTag) = (0, false);
        foreach (var octet in block)
        {
            isTag |= octet == (byte)'<';
            if (!isTag)
            {
                text[length++] = octet;
            }
            else if (octet == (byte)'>')
            {
                isTag = false;
                text[length++] = (byte)'\n';
            }
        }

        return text[..length];
    }

    private static void Gather(ReadOnlySpan<byte> line, ArrayBufferWriter<byte> alphabet)
    {
        foreach (var octet in line)
        {
            if (char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'+' or (byte)'/')
            {
                alphabet.GetSpan(1)[0] = octet;
                alphabet.Advance(1);
            }
        }
    }
}
