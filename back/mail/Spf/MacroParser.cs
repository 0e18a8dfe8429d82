using System.Buffers;
using System.Text;

namespace Smtpy.Mail.Spf;

/// <summary>Reads macro-strings, domain-specs and explanations (RFC 7208 sections 7.1 and 6.2). Never throws.</summary>
internal static class MacroParser
{
    private static readonly SearchValues<char> Delimiters = SearchValues.Create(".-+,/_=");

    private const string Letters = "slodiphv";
    private const string LettersOfExplanations = "slodiphvcrt";

    /// <summary>A domain-spec: a macro-string that ends in a top label or a macro.</summary>
    public static MacroString? ParseDomain(ReadOnlySpan<char> text) =>
        Parse(text, Letters, allowSpace: false) is { } parsed && EndsAsDomain(text) ? parsed : null;

    /// <summary>What an unknown modifier may hold.</summary>
    public static MacroString? ParseMacros(ReadOnlySpan<char> text) => Parse(text, LettersOfExplanations, allowSpace: false);

    /// <summary>An explanation: macro-strings and spaces, with the macros c, r and t.</summary>
    public static MacroString? ParseExplanation(ReadOnlySpan<char> text) => Parse(text, LettersOfExplanations, allowSpace: true);

    private static MacroString? Parse(ReadOnlySpan<char> text, string letters, bool allowSpace)
    {
        var parts = new List<MacroPart>();
        var literal = new StringBuilder();
        while (!text.IsEmpty)
        {
            if (text[0] != '%')
            {
                if (text[0] is < ' ' or > '~' || (text[0] == ' ' && !allowSpace))
                {
                    return null;
                }

                literal.Append(text[0]);
                text = text[1..];
            }
            else if (text.Length > 1 && EscapeOf(text[1]) is { } escaped)
            {
                literal.Append(escaped);
                text = text[2..];
            }
            else if (ParseMacro(ref text, letters) is { } macro)
            {
                Flush(parts, literal);
                parts.Add(macro);
            }
            else
            {
                return null;
            }
        }

        Flush(parts, literal);
        return new MacroString(parts);
    }

    private static void Flush(List<MacroPart> parts, StringBuilder literal)
    {
        if (literal.Length > 0)
        {
            parts.Add(new MacroPart(literal.ToString()));
            literal.Clear();
        }
    }

    private static string? EscapeOf(char letter) => letter switch
    {
        '%' => "%",
        '_' => " ",
        '-' => "%20",
        _ => null,
    };

    /// <summary>"%{" letter digits ["r"] delimiters "}".</summary>
    private static MacroPart? ParseMacro(ref ReadOnlySpan<char> text, string letters)
    {
        var end = text.IndexOf('}');
        if (end < 3 || text[1] != '{')
        {
            return null;
        }

        var inner = text[2..end];
        text = text[(end + 1)..];
        var letter = char.ToLowerInvariant(inner[0]);
        if (!letters.Contains(letter))
        {
            return null;
        }

        var escape = inner[0] != letter;
        inner = inner[1..];
        if (!TryParseCount(ref inner, out var count))
        {
            return null;
        }

        var reverse = !inner.IsEmpty && inner[0] is 'r' or 'R';
        inner = reverse ? inner[1..] : inner;
        return inner.ContainsAnyExcept(Delimiters)
            ? null
            : new MacroPart(null, letter, escape, count, reverse, inner.IsEmpty ? "." : inner.ToString());
    }

    /// <summary>Digits, which are not zero when there are any; more than a name has labels means all.</summary>
    private static bool TryParseCount(ref ReadOnlySpan<char> text, out int count)
    {
        count = 0;
        var digits = text.IndexOfAnyExceptInRange('0', '9');
        digits = digits < 0 ? text.Length : digits;
        foreach (var digit in text[..digits])
        {
            count = Math.Min((count * 10) + (digit - '0'), short.MaxValue);
        }

        text = text[digits..];
        return digits == 0 || count > 0;
    }

    /// <summary>domain-end: "." toplabel ["."], or a macro.</summary>
    private static bool EndsAsDomain(ReadOnlySpan<char> text)
    {
        // Within a well-formed string "}" ends a macro or is a literal; which of the two shows in what it closes.
        if (EndsInMacro(text))
        {
            return true;
        }

        text = text.EndsWith('.') ? text[..^1] : text;
        var dot = text.LastIndexOf('.');
        return dot >= 0 && IsTopLabel(text[(dot + 1)..]);
    }

    private static bool EndsInMacro(ReadOnlySpan<char> text)
    {
        while (text.IndexOf('%') is >= 0 and var at)
        {
            var length = text[at + 1] == '{' ? text[at..].IndexOf('}') + 1 : 2;
            text = text[(at + length)..];
            if (text.IsEmpty)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Letters, digits and inner hyphens, with at least one that is no digit.</summary>
    private static bool IsTopLabel(ReadOnlySpan<char> label)
    {
        if (label.IsEmpty || label[0] == '-' || label[^1] == '-')
        {
            return false;
        }

        var hasOther = false;
        foreach (var character in label)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character != '-')
            {
                return false;
            }

            hasOther |= !char.IsAsciiDigit(character);
        }

        return hasOther;
    }
}
