using System.Globalization;
using System.Net;
using System.Text;

namespace Smtpy.Mail.Rewriting;

/// <summary>What a reader sees of a text whose source is spelt otherwise: by references of HTML, between tags, percent-encoded in a link.</summary>
internal static class ShownText
{
    /// <summary>Encoded, and encoded again where a link stands in a link.</summary>
    private const int MostDecodings = 2;

    /// <param name="text">UTF-8, or octets that are none and stay as they are.</param>
    /// <returns>Null where it is shown as it is spelt.</returns>
    public static byte[]? Of(ReadOnlySpan<byte> text)
    {
        var shown = text.IndexOfAny("&<"u8) >= 0 || text.IndexOf("\u00AD"u8) >= 0 ? WithoutMarkup(text) : null;
        for (var i = 0; i < MostDecodings && (shown ?? text).IndexOf((byte)'%') >= 0; i++)
        {
            shown = WithoutPercent(shown ?? text);
        }

        return shown;
    }

    private static byte[] WithoutMarkup(ReadOnlySpan<byte> text)
    {
        var source = Encoding.Latin1.GetString(text);
        var plain = new StringBuilder(source.Length);
        var isTag = false;
        foreach (var character in source)
        {
            isTag |= character == '<';
            if (!isTag)
            {
                plain.Append(character);
            }

            isTag &= character != '>';
        }

        // The soft hyphen as it stands in UTF-8, and as a reference makes it.
        return Encoding.Latin1.GetBytes(WebUtility.HtmlDecode(plain.ToString()).Replace("\u00C2\u00AD", "", StringComparison.Ordinal)
            .Replace("\u00AD", "", StringComparison.Ordinal));
    }

    private static byte[] WithoutPercent(ReadOnlySpan<byte> text)
    {
        var decoded = new byte[text.Length];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == (byte)'%' && i + 2 < text.Length && char.IsAsciiHexDigit((char)text[i + 1]) && char.IsAsciiHexDigit((char)text[i + 2]))
            {
                decoded[length++] = byte.Parse(text.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                i += 2;
            }
            else
            {
                decoded[length++] = text[i];
            }
        }

        return decoded[..length];
    }
}
