using System.Globalization;
using System.Text;
using DnsClient.Protocol;

namespace Smtpy.Mail.Dns;

/// <summary>
/// The octets of a TXT record, one character each. DnsClient's own text has gone through UTF-8, in which a stray octet is lost; its
/// escaped form (after RFC 1035 section 5.1) has them: "\DDD" for what is not printable, and "\" before a quotation mark. A backslash of
/// the record is not escaped, so in a record that is not ASCII the text "\200" reads as one octet; neither SPF nor DMARC nor DKIM has any
/// use for such a record.
/// </summary>
internal static class TextOctets
{
    /// <summary>The strings joined without a separator (RFC 7208 section 3.3, RFC 9989 section 4.6).</summary>
    public static string Join(TxtRecord record)
    {
        var plain = true;
        foreach (var text in record.Text)
        {
            plain &= Ascii.IsValid(text);
        }

        if (plain)
        {
            return string.Concat(record.Text);
        }

        var octets = new StringBuilder();
        foreach (var text in record.EscapedText)
        {
            Unescape(text, octets);
        }

        return octets.ToString();
    }

    private static void Unescape(ReadOnlySpan<char> escaped, StringBuilder octets)
    {
        while (escaped.IndexOf('\\') is >= 0 and var at)
        {
            octets.Append(escaped[..at]);
            escaped = escaped[(at + 1)..];
            if (escaped.Length >= 3 && byte.TryParse(escaped[..3], NumberStyles.None, CultureInfo.InvariantCulture, out var octet)
                && octet is < 32 or > 126)
            {
                octets.Append((char)octet);
                escaped = escaped[3..];
            }
            else if (!escaped.StartsWith('"'))
            {
                octets.Append('\\');
            }
        }

        octets.Append(escaped);
    }
}
