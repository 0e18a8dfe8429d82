using System.Globalization;
using System.Text;

namespace Smtpy.Mail.Dkim;

/// <summary>The quoted-printable form of RFC 6376 section 2.11, white space already taken out.</summary>
internal static class QuotedPrintable
{
    /// <summary>An equals sign that no two hexadecimal digits follow stays what it is.</summary>
    public static string Decode(string text)
    {
        if (!text.Contains('=', StringComparison.Ordinal))
        {
            return text;
        }

        var octets = new List<byte>(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '=' && at + 2 < text.Length
                && byte.TryParse(text.AsSpan(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet))
            {
                octets.Add(octet);
                at += 2;
            }
            else
            {
                Rune.TryGetRuneAt(text, at, out var rune);
                octets.AddRange(Encoding.UTF8.GetBytes(rune.ToString()));
                at += rune.Utf16SequenceLength - 1;
            }
        }

        return Encoding.UTF8.GetString([.. octets]);
    }
}
