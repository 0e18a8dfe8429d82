using System.Buffers;
using System.Text;
using Smtpy.Mail.Dkim;

namespace Smtpy.Mail.AuthenticationResults;

/// <summary>
/// Writes Authentication-Results (RFC 8601 section 2.2), folded, each result on a line of its own. Whatever a sender put into a value
/// stays inside it: quoted, escaped, without control characters.
/// </summary>
public static class AuthenticationResultsWriter
{
    /// <summary>Characters of one value, reason or comment; the rest is cut off. 300: a line stays under 998 octets in UTF-8 with any of them.</summary>
    public const int MaxValueLength = 300;

    // RFC 2045 section 5.1.
    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create(
        "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz{|}~");

    private static readonly SearchValues<char> PlainInQuotes = SearchValues.Create(
        " !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    private static readonly SearchValues<char> PlainInComment = SearchValues.Create(
        " !\"#$%&'*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    /// <param name="authservId">Who judged: the name by which our own results are known.</param>
    /// <param name="results">"none" is written for none.</param>
    /// <returns>The field with its line end.</returns>
    public static byte[] Write(string authservId, IReadOnlyList<AuthenticationResult> results)
    {
        ArgumentNullException.ThrowIfNull(authservId);
        ArgumentNullException.ThrowIfNull(results);
        return Write(new FieldFolder("Authentication-Results"), authservId, results);
    }

    internal static byte[] Write(FieldFolder field, string authservId, IReadOnlyList<AuthenticationResult> results)
    {
        var word = new StringBuilder(MaxValueLength);
        AddValue(word, authservId);
        field.Word(word.Append(';'));
        if (results.Count == 0)
        {
            field.Word("none");
        }

        for (var number = 0; number < results.Count; number++)
        {
            var last = WriteResult(field.NewLine(), word, results[number]);
            field.Word(number == results.Count - 1 ? last : last.Append(';'));
        }

        return field.ToField();
    }

    /// <returns>The last word, which is not written yet.</returns>
    private static StringBuilder WriteResult(FieldFolder field, StringBuilder word, AuthenticationResult result)
    {
        word.Clear().Append(result.Method).Append('=').Append(result.Result);
        if (!string.IsNullOrEmpty(result.Comment))
        {
            Next(field, word).Append('(');
            AddEscaped(word, result.Comment, PlainInComment);
            word.Append(')');
        }

        if (!string.IsNullOrEmpty(result.Reason))
        {
            AddValue(Next(field, word).Append("reason="), result.Reason);
        }

        for (var i = 0; i < result.Properties.Count; i++)
        {
            var property = result.Properties[i];
            AddPropertyValue(Next(field, word).Append(property.Type).Append('.').Append(property.Name).Append('='), property.Value);
        }

        return word;
    }

    private static StringBuilder Next(FieldFolder field, StringBuilder word)
    {
        field.Word(word);
        return word.Clear();
    }

    /// <summary>Beside tokens, a pvalue may be an address or a domain with its "@" unquoted.</summary>
    private static void AddPropertyValue(StringBuilder word, string value)
    {
        var at = value.LastIndexOf('@');
        if (at >= 0 && value.Length <= MaxValueLength && at < value.Length - 1
            && !value.AsSpan(0, at).ContainsAnyExcept(TokenCharacters) && !value.AsSpan(at + 1).ContainsAnyExcept(TokenCharacters))
        {
            word.Append(value);
        }
        else
        {
            AddValue(word, value);
        }
    }

    private static void AddValue(StringBuilder word, string value)
    {
        if (value.Length is > 0 and <= MaxValueLength && !value.AsSpan().ContainsAnyExcept(TokenCharacters))
        {
            word.Append(value);
            return;
        }

        word.Append('"');
        AddEscaped(word, value, PlainInQuotes);
        word.Append('"');
    }

    /// <param name="plain">Characters of ASCII that stand for themselves.</param>
    private static void AddEscaped(StringBuilder word, string text, SearchValues<char> plain)
    {
        var rest = text.AsSpan(0, Math.Min(text.Length, MaxValueLength));
        if (!rest.ContainsAnyExcept(plain))
        {
            word.Append(rest);
            return;
        }

        Span<char> units = stackalloc char[2];
        foreach (var rune in rest.EnumerateRunes())
        {
            if (Rune.IsControl(rune))
            {
                word.Append(' ');
                continue;
            }

            if (rune.IsAscii && !plain.Contains((char)rune.Value))
            {
                word.Append('\\');
            }

            word.Append(units[..rune.EncodeToUtf16(units)]);
        }
    }
}
