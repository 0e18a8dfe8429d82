using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Smtpy.Mail.Addresses;

/// <summary>Address literals: "[192.0.2.1]" and "[IPv6:2001:db8::1]" (RFC 5321 section 4.1.3).</summary>
public static class AddressLiteral
{
    // "[IPv6:" and the longest IPv6 spelling, "]".
    private const int MaxLength = 54;

    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        if (text.Length is < 3 or > MaxLength || text[0] != (byte)'[' || text[^1] != (byte)']')
        {
            return false;
        }

        var inner = text[1..^1];
        var isV6 = inner.Length > 5 && Ascii.EqualsIgnoreCase(inner[..5], "IPv6:"u8);
        var address = isV6 ? inner[5..] : inner;

        // IPAddress also takes scope ids, ports and octal or short forms, which the grammar does not have.
        return !address.ContainsAny("%[]/"u8)
            && IPAddress.TryParse(Encoding.ASCII.GetString(address), out var parsed)
            && (isV6
                ? parsed.AddressFamily == AddressFamily.InterNetworkV6
                : parsed.AddressFamily == AddressFamily.InterNetwork && address.Count((byte)'.') == 3);
    }
}
