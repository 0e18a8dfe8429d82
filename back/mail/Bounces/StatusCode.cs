using System.Globalization;

namespace Smtpy.Mail.Bounces;

/// <summary>Finds SMTP reply codes (RFC 5321 section 4.2) and enhanced status codes (RFC 3463) in text written for people.</summary>
internal static class StatusCode
{
    /// <summary>The first enhanced status code, "5.1.1"; null where there is none. Parts of addresses and versions are none.</summary>
    public static string? FindEnhanced(ReadOnlySpan<char> text)
    {
        for (var i = 0; i + 4 < text.Length; i++)
        {
            if (text[i] is '2' or '4' or '5' && text[i + 1] == '.' && IsStart(text, i) && Measure(text[i..]) is var length and > 0)
            {
                return text.Slice(i, length).ToString();
            }
        }

        return null;
    }

    /// <summary>The first reply code of a refusal, 4yz or 5yz; 0 where there is none.</summary>
    public static int FindReply(ReadOnlySpan<char> text)
    {
        for (var i = 0; i + 2 < text.Length; i++)
        {
            if (text[i] is '4' or '5' && text[i + 1] is >= '0' and <= '7' && char.IsAsciiDigit(text[i + 2]) && IsStart(text, i)
                && (i + 3 == text.Length || text[i + 3] is ' ' or '-' or '\r' or '\n' or ':' or ','))
            {
                return int.Parse(text.Slice(i, 3), CultureInfo.InvariantCulture);
            }
        }

        return 0;
    }

    /// <summary>Not inside a word, a number, or an address ("192.0.5.1.1").</summary>
    private static bool IsStart(ReadOnlySpan<char> text, int at) =>
        at == 0 || !(char.IsLetterOrDigit(text[at - 1]) || text[at - 1] == '.');

    /// <summary>class "." subject "." detail, each of the latter 1*3DIGIT, and no fourth number behind.</summary>
    private static int Measure(ReadOnlySpan<char> text)
    {
        var subject = Digits(text[2..]);
        if (subject == 0 || 2 + subject >= text.Length || text[2 + subject] != '.')
        {
            return 0;
        }

        var start = 3 + subject;
        var end = start + Digits(text[start..]);
        if (end == start || (end < text.Length && char.IsLetterOrDigit(text[end])))
        {
            return 0;
        }

        return end + 1 < text.Length && text[end] == '.' && char.IsAsciiDigit(text[end + 1]) ? 0 : end;
    }

    private static int Digits(ReadOnlySpan<char> text)
    {
        var count = 0;
        while (count < 3 && count < text.Length && char.IsAsciiDigit(text[count]))
        {
            count++;
        }

        return count;
    }
}
