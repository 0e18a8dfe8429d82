using System.Buffers;
using System.Text;
using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Dkim;

/// <summary>Header fields in the form that is hashed (RFC 6376 sections 3.4.1 and 3.4.2).</summary>
internal static class HeaderCanonicalizer
{
    /// <param name="raw">The field with its line end.</param>
    public static void Append(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> raw, Canonicalization canonicalization)
    {
        AppendUnended(output, raw, canonicalization);
        output.Write("\r\n"u8);
    }

    /// <summary>The signature's own field comes last and without its line end (RFC 6376 section 3.7).</summary>
    public static void AppendUnended(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> raw, Canonicalization canonicalization)
    {
        var field = WithoutLineEnd(raw);
        if (canonicalization == Canonicalization.Simple)
        {
            output.Write(field);
            return;
        }

        var target = output.GetSpan(field.Length + 1);
        var name = new HeaderField(field).Name;
        Ascii.ToLower(name, target, out var length);
        target[length++] = (byte)':';
        length += Relax(new HeaderField(field).RawValue, target[length..]);
        output.Advance(length);
    }

    public static ReadOnlySpan<byte> WithoutLineEnd(ReadOnlySpan<byte> raw) => raw.EndsWith("\r\n"u8) ? raw[..^2] : raw;

    private static int Relax(ReadOnlySpan<byte> value, Span<byte> target)
    {
        var length = 0;
        var space = false;
        for (var at = 0; at < value.Length; at++)
        {
            var octet = value[at];
            if (octet == (byte)'\r' && at + 1 < value.Length && value[at + 1] == (byte)'\n')
            {
                at++;
            }
            else if (octet is (byte)' ' or (byte)'\t')
            {
                space = length > 0;
            }
            else
            {
                if (space)
                {
                    target[length++] = (byte)' ';
                    space = false;
                }

                target[length++] = octet;
            }
        }

        return length;
    }
}
