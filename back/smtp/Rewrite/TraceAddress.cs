using System.Globalization;
using System.Text;

namespace Smtpy.Smtp.Rewrite;

/// <summary>
/// An alias's address in our trace fields: always ASCII, so that no message needs SMTPUTF8 because of us. A local part outside ASCII is written as
/// in a mailto URI (RFC 6068 section 2): its octets in UTF-8 as %XX.
/// </summary>
internal static class TraceAddress
{
    /// <param name="address">Its domain is in A-labels.</param>
    public static string Write(string address)
    {
        if (Ascii.IsValid(address))
        {
            return address;
        }

        var written = new StringBuilder(address.Length * 3);
        foreach (var octet in Encoding.UTF8.GetBytes(address))
        {
            if (octet is > 127 or (byte)'%')
            {
                written.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
            }
            else
            {
                written.Append((char)octet);
            }
        }

        return written.ToString();
    }

    /// <summary>Whether a trace field names this address, as we write it or in UTF-8 as others may.</summary>
    public static bool IsSame(string seen, string address) =>
        seen.Equals(address, StringComparison.OrdinalIgnoreCase)
        || (!Ascii.IsValid(address) && Uri.UnescapeDataString(seen).Equals(address, StringComparison.OrdinalIgnoreCase));
}
