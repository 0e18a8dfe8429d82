using System.Net;
using System.Net.Sockets;

namespace Smtpy.Mail.Spf;

/// <summary>Addresses and prefix lengths in mechanisms (RFC 7208 sections 5.3 and 5.6).</summary>
internal static class SpfNetworkParser
{
    private const int Bits4 = 32;
    private const int Bits6 = 128;

    /// <summary>":" network ["/" prefix] of ip4 and ip6.</summary>
    public static SpfDirective? Parse(SpfMechanism mechanism, ReadOnlySpan<char> rest)
    {
        if (!rest.StartsWith(':'))
        {
            return null;
        }

        rest = rest[1..];
        var bits = mechanism == SpfMechanism.Ip4 ? Bits4 : Bits6;
        var prefix = bits;
        var slash = rest.IndexOf('/');
        if (slash >= 0 && !TryParsePrefix(rest[(slash + 1)..], bits, out prefix))
        {
            return null;
        }

        var text = slash < 0 ? rest : rest[..slash];
        var network = mechanism == SpfMechanism.Ip4 ? ParseIPv4(text) : ParseIPv6(text);
        return network is null
            ? null
            : new SpfDirective("", mechanism, SpfResult.Pass, Network: network, Prefix4: Math.Min(prefix, Bits4), Prefix6: prefix);
    }

    /// <summary>Takes ["/" prefix]["//" prefix] off the end. What only looks like it stays: a domain-spec may hold a slash.</summary>
    public static bool TryTakePrefixes(ref ReadOnlySpan<char> rest, out int four, out int six)
    {
        (four, six) = (Bits4, Bits6);
        var tail = rest.TrimEnd("0123456789");
        if (tail.EndsWith("//"))
        {
            if (!TryParsePrefix(rest[tail.Length..], Bits6, out six))
            {
                return false;
            }

            rest = tail[..^2];
            tail = rest.TrimEnd("0123456789");
        }

        if (tail.EndsWith('/') && !tail.EndsWith("//"))
        {
            if (!TryParsePrefix(rest[tail.Length..], Bits4, out four))
            {
                return false;
            }

            rest = tail[..^1];
        }

        return true;
    }

    private static bool TryParsePrefix(ReadOnlySpan<char> text, int most, out int prefix)
    {
        prefix = 0;
        if (text.Length is 0 or > 3 || (text[0] == '0' && text.Length > 1))
        {
            return false;
        }

        foreach (var digit in text)
        {
            if (!char.IsAsciiDigit(digit))
            {
                return false;
            }

            prefix = (prefix * 10) + (digit - '0');
        }

        return prefix <= most;
    }

    /// <summary>Four decimal numbers without leading zeros; IPAddress alone also takes octal, hexadecimal and short forms.</summary>
    private static IPAddress? ParseIPv4(ReadOnlySpan<char> text)
    {
        Span<byte> octets = stackalloc byte[4];
        var count = 0;
        foreach (var range in text.Split('.'))
        {
            if (count == 4 || !TryParsePrefix(text[range], byte.MaxValue, out var octet))
            {
                return null;
            }

            octets[count++] = (byte)octet;
        }

        return count == 4 ? new IPAddress(octets) : null;
    }

    private static IPAddress? ParseIPv6(ReadOnlySpan<char> text) =>
        !text.ContainsAny("%[]/") && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6
            ? address
            : null;
}
