using System.Buffers;

namespace Smtpy.Core;

/// <summary>Free text that people give: short enough to show, and storable in every database (PostgreSQL takes no NUL).</summary>
internal static class TextRules
{
    /// <returns>What is wrong, or null.</returns>
    /// <param name="longest">In UTF-16 code units.</param>
    public static Problem? Check(string? text, int longest, string field)
    {
        if (text is null)
        {
            return null;
        }

        if (text.Length > longest)
        {
            return Problem.Invalid($"The {Spoken(field)} may not be longer than {longest} characters.", field);
        }

        return IsClean(text) ? null : Problem.Invalid($"The {Spoken(field)} holds characters that are no text.", field);
    }

    /// <summary>The same for what goes into a header field: no line ends and no controls either.</summary>
    public static Problem? CheckLine(string? text, int longest, string field) => Check(text, longest, field) ?? (text?.Any(char.IsControl) == true
        ? Problem.Invalid($"The {Spoken(field)} must be one line.", field)
        : null);

    public static bool IsClean(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (System.Text.Rune.DecodeFromUtf16(text, out var rune, out var consumed) != OperationStatus.Done
                || System.Text.Rune.IsControl(rune) && rune.Value is not ('\n' or '\r' or '\t'))
            {
                return false;
            }

            text = text[consumed..];
        }

        return true;
    }

    private static string Spoken(string field) => field.Replace('_', ' ');
}
