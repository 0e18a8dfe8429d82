using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Smtpy.Mail.Server.Sasl;

/// <summary>
/// Prepares user names and passwords for comparison (RFC 4013, a profile of RFC 3454), but for two steps. Nothing is brought into
/// normal form KC (section 2.2), which .NET cannot do without ICU's tables: a client that sends another spelling than the
/// one stored is refused, and ASCII, which generated passwords are, has one spelling only. And the order of text directions
/// (section 2.4) is not looked at.
/// </summary>
public static class SaslPrep
{
    // RFC 5321 section 4.5.3.1: a local part, "@" and a domain, though a path must be shorter.
    private const int MaxName = 320;

    /// <param name="utf8">Octets of a client; may be anything.</param>
    /// <returns>False where it is no UTF-8, or holds what may not be in it.</returns>
    public static bool TryPrepare(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out string? prepared)
    {
        prepared = null;
        if (Ascii.IsValid(utf8))
        {
            // Section 2.3: RFC 3454 table C.2.1.
            if (utf8.ContainsAnyInRange((byte)0, (byte)31) || utf8.Contains((byte)127))
            {
                return false;
            }

            prepared = Encoding.ASCII.GetString(utf8);
            return true;
        }

        var text = new StringBuilder(utf8.Length);
        while (!utf8.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(utf8, out var rune, out var length) != OperationStatus.Done || !TryAppend(text, rune))
            {
                return false;
            }

            utf8 = utf8[length..];
        }

        prepared = text.ToString();
        return true;
    }

    /// <summary>The same for a user name, which is not empty and no longer than an address.</summary>
    public static bool TryPrepareName(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out string? prepared)
    {
        prepared = null;
        return utf8.Length <= MaxName && TryPrepare(utf8, out prepared) && prepared.Length > 0;
    }

    private static bool TryAppend(StringBuilder text, Rune rune)
    {
        if (IsMappedToNothing(rune.Value))
        {
            return true;
        }

        switch (Rune.GetUnicodeCategory(rune))
        {
            // Section 2.1: RFC 3454 table C.1.2.
            case UnicodeCategory.SpaceSeparator:
                text.Append(' ');
                return true;

            // Section 2.3, tables C.2 to C.9, and section 2.5.
            case UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned:
            case var _ when rune.Value is >= 0x2FF0 and <= 0x2FFB or 0xFFFC or 0xFFFD or 0x0340 or 0x0341:
                return false;

            default:
                text.Append(rune.ToString());
                return true;
        }
    }

    /// <summary>RFC 3454 table B.1.</summary>
    private static bool IsMappedToNothing(int value) =>
        value is 0x00AD or 0x034F or 0x1806 or (>= 0x180B and <= 0x180D) or (>= 0x200B and <= 0x200D) or 0x2060
            or (>= 0xFE00 and <= 0xFE0F) or 0xFEFF;
}
