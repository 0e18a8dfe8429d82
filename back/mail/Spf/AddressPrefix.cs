using System.Net;

namespace Smtpy.Mail.Spf;

internal static class AddressPrefix
{
    /// <summary>Whether two addresses are of one family and their first bits the same.</summary>
    public static bool Agrees(IPAddress one, IPAddress other, int bits)
    {
        if (one.AddressFamily != other.AddressFamily)
        {
            return false;
        }

        Span<byte> first = stackalloc byte[16];
        Span<byte> second = stackalloc byte[16];
        one.TryWriteBytes(first, out _);
        other.TryWriteBytes(second, out _);
        var whole = bits / 8;
        var rest = bits % 8;
        return first[..whole].SequenceEqual(second[..whole]) && (rest == 0 || ((first[whole] ^ second[whole]) >> (8 - rest)) == 0);
    }
}
