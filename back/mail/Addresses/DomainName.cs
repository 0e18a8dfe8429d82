using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Smtpy.Mail.Addresses;

/// <summary>Syntax of domain names as mail uses them, and their one canonical spelling: lower case, A-labels.</summary>
public static class DomainName
{
    private static readonly IdnMapping Idn = new();

    // The underscore is in no host name (RFC 1123) but in sender domains that exist: refusing it would lose mail.
    private static readonly SearchValues<char> LabelCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_");

    private static readonly SearchValues<byte> AsciiDomainOctets =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."u8);

    /// <summary>
    /// Lower case, with internationalised labels as A-labels (RFC 5890). The name is taken as normalised (NFC): the
    /// invariant globalisation mode has no normalisation tables, and what a mail client sends is NFC already (RFC 6531 section 3.1.1).
    /// </summary>
    public static bool TryNormalize(string name, [NotNullWhen(true)] out string? normalized)
    {
        ArgumentNullException.ThrowIfNull(name);
        normalized = null;
        var lower = name.ToLowerInvariant();
        if (!Ascii.IsValid(lower) && !TryToAscii(lower, out lower))
        {
            return false;
        }

        if (!IsValid(lower))
        {
            return false;
        }

        normalized = lower;
        return true;
    }

    internal static bool TryNormalize(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out string? normalized)
    {
        normalized = null;
        if (utf8.IsEmpty || utf8.Length > AddressLimits.Path)
        {
            return false;
        }

        if (utf8.ContainsAnyExcept(AsciiDomainOctets))
        {
            return TryNormalize(Encoding.UTF8.GetString(utf8), out normalized);
        }

        Span<byte> lower = stackalloc byte[utf8.Length];
        Ascii.ToLower(utf8, lower, out _);
        var text = Encoding.ASCII.GetString(lower);
        normalized = IsValid(text) ? text : null;
        return normalized is not null;
    }

    /// <summary>U-labels in place of A-labels; the name itself where it has none, or none that can be read.</summary>
    /// <param name="ascii">Lower case.</param>
    internal static string ToUnicode(string ascii)
    {
        if (!ascii.Contains("xn--", StringComparison.Ordinal))
        {
            return ascii;
        }

        try
        {
            return Idn.GetUnicode(ascii);
        }
        catch (ArgumentException)
        {
            return ascii;
        }
    }

    private static bool TryToAscii(string unicode, out string ascii)
    {
        ascii = "";
        foreach (var rune in unicode.EnumerateRunes())
        {
            if (!rune.IsAscii && !IsLetterMarkOrDigit(rune))
            {
                return false;
            }
        }

        try
        {
            ascii = Idn.GetAscii(unicode);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>
    /// What U-labels are made of, nearly (RFC 5892 section 2); the mapping itself takes everything. Also keeps out the
    /// replacement character of broken input, and the full stops that it would take for dots.
    /// </summary>
    private static bool IsLetterMarkOrDigit(Rune rune) => Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private static bool IsValid(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty || name.Length > AddressLimits.Domain)
        {
            return false;
        }

        while (true)
        {
            var dot = name.IndexOf('.');
            var label = dot < 0 ? name : name[..dot];
            if (label.IsEmpty || label.Length > AddressLimits.DomainLabel || label[0] == '-' || label[^1] == '-'
                || label.ContainsAnyExcept(LabelCharacters))
            {
                return false;
            }

            if (dot < 0)
            {
                return true;
            }

            name = name[(dot + 1)..];
        }
    }
}
