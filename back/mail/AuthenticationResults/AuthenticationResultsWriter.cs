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
        field.Word(Value(authservId) + ";");
        if (results.Count == 0)
        {
            field.Word("none");
        }

        for (var number = 0; number < results.Count; number++)
        {
            WriteResult(field.NewLine(), results[number], number == results.Count - 1 ? "" : ";");
        }

        return field.ToField();
    }

    private static void WriteResult(FieldFolder field, AuthenticationResult result, string end)
    {
        List<string> words = [$"{result.Method}={result.Result}"];
        if (!string.IsNullOrEmpty(result.Comment))
        {
            words.Add($"({Escape(result.Comment, "()\\")})");
        }

        if (!string.IsNullOrEmpty(result.Reason))
        {
            words.Add("reason=" + Value(result.Reason));
        }

        foreach (var property in result.Properties)
        {
            words.Add($"{property.Type}.{property.Name}={PropertyValue(property.Value)}");
        }

        words[^1] += end;
        words.ForEach(word => field.Word(word));
    }

    /// <summary>Beside tokens, a pvalue may be an address or a domain with its "@" unquoted.</summary>
    private static string PropertyValue(string value)
    {
        var at = value.LastIndexOf('@');
        return at >= 0 && value.Length <= MaxValueLength && at < value.Length - 1
            && !value.AsSpan(0, at).ContainsAnyExcept(TokenCharacters) && !value.AsSpan(at + 1).ContainsAnyExcept(TokenCharacters)
            ? value
            : Value(value);
    }

    private static string Value(string value) =>
        value.Length is > 0 and <= MaxValueLength && !value.AsSpan().ContainsAnyExcept(TokenCharacters)
            ? value
            : $"\"{Escape(value, "\"\\")}\"";

    private static string Escape(string text, string special)
    {
        var escaped = new StringBuilder();
        foreach (var rune in text.AsSpan(0, Math.Min(text.Length, MaxValueLength)).EnumerateRunes())
        {
            if (Rune.IsControl(rune))
            {
                escaped.Append(' ');
                continue;
            }

            if (rune.IsAscii && special.Contains((char)rune.Value, StringComparison.Ordinal))
            {
                escaped.Append('\\');
            }

            escaped.Append(rune);
        }

        return escaped.ToString();
    }
}
