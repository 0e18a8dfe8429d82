using System.Buffers;
using System.Text;

namespace Smtpy.Mail.Addresses;

/// <summary>The part of a mailbox before its "@": a dot-string or a quoted string (RFC 5321 section 4.1.2, RFC 6531 section 3.3).</summary>
internal static class LocalPart
{
    private static readonly SearchValues<byte> AtomOctets = SearchValues.Create(
    [
        .. "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~."u8,
        .. Enumerable.Range(0x80, 0x80).Select(octet => (byte)octet),
    ]);

    /// <summary>Octets of the local part that <paramref name="text"/> begins with; 0 where there is none.</summary>
    public static int Measure(ReadOnlySpan<byte> text)
    {
        var length = text.IsEmpty ? 0 : text[0] == (byte)'"' ? MeasureQuoted(text) : MeasureDotString(text);
        return VisibleText.IsVisible(text[..length]) ? length : 0;
    }

    /// <summary>The local part without its quoting; its meaning is the same (RFC 5321 section 4.1.2).</summary>
    public static string Unquote(ReadOnlySpan<byte> localPart)
    {
        if (localPart[0] != (byte)'"')
        {
            return Encoding.UTF8.GetString(localPart);
        }

        Span<byte> plain = stackalloc byte[localPart.Length];
        var length = 0;
        for (var i = 1; i < localPart.Length - 1; i++)
        {
            if (localPart[i] == (byte)'\\')
            {
                i++;
            }

            plain[length++] = localPart[i];
        }

        return Encoding.UTF8.GetString(plain[..length]);
    }

    private static int MeasureDotString(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAnyExcept(AtomOctets);
        var atoms = end < 0 ? text : text[..end];
        return atoms.IsEmpty || atoms[0] == (byte)'.' || atoms[^1] == (byte)'.' || atoms.IndexOf(".."u8) >= 0 ? 0 : atoms.Length;
    }

    private static int MeasureQuoted(ReadOnlySpan<byte> text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            var octet = text[i];
            if (octet == (byte)'"')
            {
                // An empty quoted string is in the grammar but names nobody.
                return i == 1 ? 0 : i + 1;
            }

            if (octet == (byte)'\\')
            {
                i++;
                octet = i < text.Length ? text[i] : (byte)0;
            }

            if (octet is < 32 or 127)
            {
                return 0;
            }
        }

        return 0;
    }
}
