using System.Buffers;

namespace Smtpy.Mail.Dmarc;

/// <summary>The list of URIs in "rua" (RFC 9989 section 4.8). Only whether one is well formed matters: it decides about records without a policy.</summary>
internal static class ReportUri
{
    // RFC 3986 without the comma and "!", which a list must escape.
    private static readonly SearchValues<char> Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@$&'()*+;=%");

    public static bool AnyIn(ReadOnlySpan<char> list)
    {
        foreach (var range in list.Split(','))
        {
            if (IsValid(WithoutSize(list[range].Trim(" \t"))))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>"!10m" at the end is a report size that RFC 7489 had (obs-dmarc-report-size).</summary>
    private static ReadOnlySpan<char> WithoutSize(ReadOnlySpan<char> uri)
    {
        var mark = uri.LastIndexOf('!');
        if (mark < 0)
        {
            return uri;
        }

        var size = uri[(mark + 1)..];
        var digits = !size.IsEmpty && size[^1] is 'k' or 'm' or 'g' or 't' or 'K' or 'M' or 'G' or 'T' ? size[..^1] : size;
        return digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9') ? uri : uri[..mark];
    }

    private static bool IsValid(ReadOnlySpan<char> uri)
    {
        var colon = uri.IndexOf(':');
        if (colon < 1 || !char.IsAsciiLetter(uri[0]) || colon == uri.Length - 1 || uri.ContainsAnyExcept(Characters))
        {
            return false;
        }

        foreach (var character in uri[..colon])
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('+' or '-' or '.'))
            {
                return false;
            }
        }

        return EscapesAreWhole(uri);
    }

    private static bool EscapesAreWhole(ReadOnlySpan<char> uri)
    {
        while (uri.IndexOf('%') is >= 0 and var at)
        {
            if (uri.Length < at + 3 || !char.IsAsciiHexDigit(uri[at + 1]) || !char.IsAsciiHexDigit(uri[at + 2]))
            {
                return false;
            }

            uri = uri[(at + 3)..];
        }

        return true;
    }
}
