using System.Text;

namespace Smtpy.Core.Storage.Postgres;

/// <summary>
/// PostgreSQL's text holds every character but U+0000, and UTF-8 no lone surrogate. What other servers and clients say can hold
/// both, and must not make an outcome impossible to record: such characters become U+FFFD.
/// </summary>
internal static class StorableText
{
    private const char Replacement = '\uFFFD';

    public static string Of(string text) => IsStorable(text) ? text : Replace(text);

    public static string? OrNull(string? text) => text is null ? null : Of(text);

    private static bool IsStorable(string text) =>
        !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') && !text.Contains('\0', StringComparison.Ordinal);

    private static string Replace(string text)
    {
        var storable = new StringBuilder(text.Length);

        // Enumerating runes turns lone surrogates into U+FFFD by itself.
        foreach (var rune in text.EnumerateRunes())
        {
            storable.Append(rune.Value == 0 ? new Rune(Replacement) : rune);
        }

        return storable.ToString();
    }
}
