using System.Globalization;
using System.Text;

namespace Smtpy.Mail.Dns;

/// <summary>Names as the DNS takes them (RFC 1035 section 2.3.4), which is more than host names: any character may be in a label.</summary>
public static class DnsName
{
    /// <summary>Octets of a name in text, without the final dot.</summary>
    public const int MaxLength = 253;

    /// <summary>Octets of one label.</summary>
    public const int MaxLabelLength = 63;

    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = false };

    /// <summary>The name with A-labels (RFC 5890) and without its final dot, or null where it cannot be asked for.</summary>
    public static string? ToAscii(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var ascii = name.EndsWith('.') ? name[..^1] : name;
        if (!Ascii.IsValid(ascii))
        {
            try
            {
                ascii = Idn.GetAscii(ascii);
            }
            catch (ArgumentException)
            {
                return null;
            }
        }

        return HasValidLabels(ascii) ? ascii : null;
    }

    private static bool HasValidLabels(ReadOnlySpan<char> name)
    {
        if (name.Length is 0 or > MaxLength)
        {
            return false;
        }

        foreach (var label in name.Split('.'))
        {
            if (name[label].Length is 0 or > MaxLabelLength)
            {
                return false;
            }
        }

        return true;
    }
}
