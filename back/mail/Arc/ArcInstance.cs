using System.Globalization;
using Smtpy.Mail.AuthenticationResults;
using Smtpy.Mail.Dkim;

namespace Smtpy.Mail.Arc;

/// <summary>Reads i=, the number of the set that a field belongs to (RFC 8617 section 4.2.1).</summary>
internal static class ArcInstance
{
    /// <returns>1 to 50; 0 where there is none of these.</returns>
    public static int Of(TagList? list) => Parse(list?.Text("i"u8) ?? "");

    /// <summary>In ARC-Authentication-Results it comes first (RFC 8617 section 4.1.1).</summary>
    public static int OfResults(ReadOnlySpan<byte> value)
    {
        var reader = new StructuredReader(value);
        if (!reader.Token().Equals("i", StringComparison.OrdinalIgnoreCase) || !reader.TryTake('='))
        {
            return 0;
        }

        var instance = Parse(reader.Token());
        return reader.TryTake(';') ? instance : 0;
    }

    private static int Parse(string text) =>
        text.Length is 1 or 2 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var instance)
        && instance <= ArcChain.MaxSets
            ? instance
            : 0;
}
