namespace Smtpy.Core.Aliases.Import;

/// <summary>
/// A spreadsheet takes a cell that begins with one of a few characters for a formula, and notes and addresses are what strangers
/// may have chosen. Such text is written with an apostrophe before it, which makes it text, and read without: text that begins with
/// apostrophes itself gets one more, so everything comes back as it was.
/// </summary>
internal static class CellGuard
{
    private const char Apostrophe = '\'';

    public static string Put(string text) => IsFormula(text) ? Apostrophe + text : text;

    public static string Remove(string text) => text.StartsWith(Apostrophe) && IsFormula(text) ? text[1..] : text;

    private static bool IsFormula(string text) => text.AsSpan().TrimStart(Apostrophe) is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\n', ..];
}
