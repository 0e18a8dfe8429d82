using System.Buffers.Text;
using System.Text;

namespace Smtpy.Mail.Server.Commands;

/// <summary>xtext: printable ASCII in which "+HH" stands for the octet HH (RFC 3461 section 4).</summary>
internal static class XText
{
    /// <summary>
    /// Null where the encoding is broken, or where it hides an octet that is not printable ASCII: such a one would become
    /// a line of its own in a delivery report.
    /// </summary>
    public static string? Decode(ReadOnlySpan<byte> text)
    {
        Span<byte> plain = stackalloc byte[text.Length];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var octet = text[i];
            if (octet == (byte)'+')
            {
                // Upper case only, says the grammar; lower case is seen.
                if (i + 2 >= text.Length || !Utf8Parser.TryParse(text.Slice(i + 1, 2), out octet, out var digits, 'X') || digits != 2)
                {
                    return null;
                }

                i += 2;
            }
            else if (octet == (byte)'=')
            {
                return null;
            }

            if (octet is < 32 or > 126)
            {
                return null;
            }

            plain[length++] = octet;
        }

        return Encoding.ASCII.GetString(plain[..length]);
    }
}
