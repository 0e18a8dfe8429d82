using System.Buffers;
using System.Globalization;
using System.Text;

namespace Smtpy.Mail.Addresses;

/// <summary>
/// Whether text shows what it is. RFC 6531 allows any character beyond ASCII in an address; controls, spaces that are no
/// spaces and marks that turn the direction of text would let an address look like another one in a log, a header or a page.
/// </summary>
internal static class VisibleText
{
    private const int ZeroWidthNonJoiner = 0x200C;
    private const int ZeroWidthJoiner = 0x200D;

    /// <param name="utf8">Its ASCII octets are not looked at: grammars decide on those.</param>
    /// <returns>False also where it is not valid UTF-8.</returns>
    public static bool IsVisible(ReadOnlySpan<byte> utf8)
    {
        while (!Ascii.IsValid(utf8))
        {
            if (Rune.DecodeFromUtf8(utf8, out var rune, out var length) != OperationStatus.Done || !IsVisible(rune))
            {
                return false;
            }

            utf8 = utf8[length..];
        }

        return true;
    }

    /// <summary>The text, with a replacement character for what does not show and for what is no UTF-8.</summary>
    public static string Decode(ReadOnlySpan<byte> utf8)
    {
        var text = Encoding.UTF8.GetString(utf8);
        return IsVisible(utf8) ? text : string.Concat(text.EnumerateRunes().Select(rune => (IsVisible(rune) ? rune : Rune.ReplacementChar).ToString()));
    }

    internal static bool IsVisible(Rune rune) => rune.IsAscii || Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.SpaceSeparator or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned => false,

        // Some scripts need these two to be spelt right.
        UnicodeCategory.Format => rune.Value is ZeroWidthNonJoiner or ZeroWidthJoiner,
        _ => true,
    };
}
