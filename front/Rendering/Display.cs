using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Smtpy.Web.Rendering;

/// <summary>How octets, sizes and instants are shown.</summary>
internal static class Display
{
    private const char FirstControlPicture = '\u2400';
    private const char DeletePicture = '\u2421';
    private static readonly string[] Units = ["B", "kB", "MB", "GB"];

    /// <summary>Decodes octets of unknown charset: UTF-8 where well formed (but for a sequence cut at the end), else ISO 8859-1.</summary>
    public static string Decode(ReadOnlySpan<byte> octets)
    {
        for (var cut = 0; cut <= Math.Min(3, octets.Length); cut++)
        {
            if (Utf8.IsValid(octets[..^cut]))
            {
                return Encoding.UTF8.GetString(octets[..^cut]);
            }
        }

        return Encoding.Latin1.GetString(octets);
    }

    /// <summary>Line ends as LF, and every other control character as its picture (U+2400 …), so that none is lost or obeyed.</summary>
    public static string Visible(string text)
    {
        text = text.Replace("\r\n", "\n", StringComparison.Ordinal);
        return text.AsSpan().IndexOfAnyInRange('\0', '\u001f') < 0 && !text.Contains('\u007f', StringComparison.Ordinal)
            ? text
            : string.Create(text.Length, text, static (span, source) =>
            {
                for (var i = 0; i < span.Length; i++)
                {
                    span[i] = source[i] switch
                    {
                        '\n' or '\t' => source[i],
                        < ' ' => (char)(FirstControlPicture + source[i]),
                        '\u007f' => DeletePicture,
                        _ => source[i],
                    };
                }
            });
    }

    /// <summary>At most <paramref name="limit"/> characters; an ellipsis marks what was left out.</summary>
    public static string Shorten(string text, int limit)
    {
        if (text.Length <= limit)
        {
            return text;
        }

        var end = char.IsHighSurrogate(text[limit - 2]) ? limit - 2 : limit - 1;
        return string.Concat(text.AsSpan(0, end), "…");
    }

    /// <summary>A size in decimal units: "512 B", "1.4 kB", "23 MB".</summary>
    public static string Size(long octets)
    {
        double value = octets;
        var unit = 0;
        while (value >= 999.5 && unit < Units.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        var format = unit > 0 && value < 9.95 ? "0.0" : "0";
        return value.ToString(format, CultureInfo.InvariantCulture) + "\u00a0" + Units[unit];
    }

    /// <summary>A number with thin groups: "10,000".</summary>
    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>As short as the distance from <paramref name="now"/> allows: "14:03", "2 Jan, 14:03", "2 Jan 2025".</summary>
    public static string ShortTime(DateTimeOffset instant, DateTimeOffset now)
    {
        var local = instant.ToOffset(now.Offset);
        var format = local.Date == now.Date ? "HH:mm" : local.Year == now.Year ? "d MMM, HH:mm" : "d MMM yyyy";
        return local.ToString(format, CultureInfo.InvariantCulture);
    }

    public static string FullTime(DateTimeOffset instant) => instant.ToString("d MMMM yyyy, HH:mm:ss zzz", CultureInfo.InvariantCulture);

    /// <summary>For the datetime attribute of a time element.</summary>
    public static string MachineTime(DateTimeOffset instant) => instant.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
