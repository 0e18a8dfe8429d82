using System.Buffers;
using System.Buffers.Text;

namespace Smtpy.Mail.Mime;

/// <summary>How the octets of a body part are carried (RFC 2045 section 6).</summary>
internal enum TransferKind
{
    /// <summary>7bit, 8bit or binary: as they are.</summary>
    Identity = 0,
    QuotedPrintable = 1,
    Base64 = 2,

    /// <summary>A name that no standard has; nothing is done to such a part.</summary>
    Unknown = 3,
}

/// <summary>Decodes and encodes quoted-printable and base64. Decoding takes what clients take and never fails.</summary>
internal static class TransferEncoding
{
    /// <summary>RFC 2045 sections 6.7 and 6.8.</summary>
    private const int LongestLine = 76;


    public static void Decode(TransferKind kind, ReadOnlySpan<byte> body, IBufferWriter<byte> output)
    {
        switch (kind)
        {
            case TransferKind.Base64:
                DecodeBase64(body, output);
                break;
            case TransferKind.QuotedPrintable:
                DecodeQuotedPrintable(body, output);
                break;
            default:
                output.Write(body);
                break;
        }
    }

    public static void Encode(TransferKind kind, ReadOnlySpan<byte> octets, IBufferWriter<byte> output)
    {
        switch (kind)
        {
            case TransferKind.Base64:
                EncodeBase64(octets, output);
                break;
            case TransferKind.QuotedPrintable:
                EncodeQuotedPrintable(octets, output);
                break;
            default:
                output.Write(octets);
                break;
        }
    }

    /// <summary>Octets outside the alphabet are skipped; padding ends a group, as where several encodings were joined.</summary>
    public static void DecodeBase64(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        var target = output.GetSpan((text.Length / 4 * 3) + 4);
        var written = 0;
        var bits = 0;
        var count = 0;
        foreach (var octet in text)
        {
            var value = Value(octet);
            if (value < 0)
            {
                if (octet == (byte)'=')
                {
                    (bits, count) = (0, 0);
                }

                continue;
            }

            bits = ((bits << 6) | value) & 0xFFFFFF;
            count += 6;
            if (count >= 8)
            {
                count -= 8;
                target[written++] = (byte)(bits >> count);
            }
        }

        output.Advance(written);
    }

    private static int Value(byte octet) => octet switch
    {
        >= (byte)'A' and <= (byte)'Z' => octet - 'A',
        >= (byte)'a' and <= (byte)'z' => octet - 'a' + 26,
        >= (byte)'0' and <= (byte)'9' => octet - '0' + 52,
        (byte)'+' => 62,
        (byte)'/' => 63,
        _ => -1,
    };

    private static void DecodeQuotedPrintable(ReadOnlySpan<byte> body, IBufferWriter<byte> output)
    {
        var target = output.GetSpan(body.Length + 1);
        var written = 0;
        while (!body.IsEmpty)
        {
            var lineEnd = body.IndexOf((byte)'\n');
            var line = lineEnd < 0 ? body : body[..lineEnd];
            body = body[(lineEnd < 0 ? body.Length : lineEnd + 1)..];
            line = line.TrimEnd("\r \t"u8);
            var soft = !line.IsEmpty && line[^1] == (byte)'=';
            line = soft ? line[..^1] : line;
            for (var i = 0; i < line.Length; i++)
            {
                if (line[i] == (byte)'=' && i + 2 < line.Length && Utf8Parser.TryParse(line.Slice(i + 1, 2), out byte decoded, out var used, 'x') && used == 2)
                {
                    target[written++] = decoded;
                    i += 2;
                }
                else
                {
                    target[written++] = line[i];
                }
            }

            if (!soft && lineEnd >= 0)
            {
                target[written++] = (byte)'\r';
                target[written++] = (byte)'\n';
            }
        }

        output.Advance(written);
    }

    private static void EncodeBase64(ReadOnlySpan<byte> octets, IBufferWriter<byte> output)
    {
        const int OctetsPerLine = LongestLine / 4 * 3;
        while (!octets.IsEmpty)
        {
            var line = octets[..Math.Min(octets.Length, OctetsPerLine)];
            var target = output.GetSpan(LongestLine + 2);
            Base64.EncodeToUtf8(line, target, out _, out var written);
            "\r\n"u8.CopyTo(target[written..]);
            output.Advance(written + 2);
            octets = octets[line.Length..];
        }
    }

    private static void EncodeQuotedPrintable(ReadOnlySpan<byte> octets, IBufferWriter<byte> output)
    {
        var column = 0;
        for (var i = 0; i < octets.Length; i++)
        {
            var octet = octets[i];
            if (octet == (byte)'\r' && i + 1 < octets.Length && octets[i + 1] == (byte)'\n')
            {
                output.Write("\r\n"u8);
                column = 0;
                i++;
                continue;
            }

            var beforeLineEnd = i + 1 == octets.Length || octets[i + 1] == (byte)'\r';
            var plain = octet is > 32 and < 127 and not (byte)'=' || (octet is (byte)' ' or (byte)'\t' && !beforeLineEnd);
            if (column + (plain ? 1 : 3) > LongestLine - 1)
            {
                output.Write("=\r\n"u8);
                column = 0;
            }

            var target = output.GetSpan(3);
            if (plain)
            {
                target[0] = octet;
            }
            else
            {
                target[0] = (byte)'=';
                Utf8Formatter.TryFormat(octet, target[1..], out _, new StandardFormat('X', 2));
            }

            output.Advance(plain ? 1 : 3);
            column += plain ? 1 : 3;
        }
    }
}
