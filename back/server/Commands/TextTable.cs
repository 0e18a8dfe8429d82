using System.Text;
using Spectre.Console.Rendering;

namespace Smtpy.Server.Commands;

/// <summary>
/// Rows for a person. Nothing is broken in two: what is copied from here (addresses, times) must come out whole. Where the rows are wider
/// than the place they are shown in, the free text is shortened; where that is not enough, each row becomes a block of lines.
/// </summary>
/// <param name="freeText">Title of the column that may be shortened; null for none.</param>
internal sealed class TextTable(IReadOnlyList<string> titles, IReadOnlyList<IReadOnlyList<string>> rows, string? freeText)
{
    private const string Gap = "  ";
    private const string Cut = "…";

    /// <summary>Cells of free text that still say something; with fewer, blocks say more.</summary>
    private const int LeastFreeText = 16;

    /// <param name="width">Cells of a line.</param>
    /// <returns>Lines without a line end after the last.</returns>
    public string Fit(int width)
    {
        var columns = Enumerable.Range(0, titles.Count).Select(Widest).ToArray();
        var excess = columns.Sum() + (Gap.Length * (columns.Length - 1)) - width;
        var free = freeText is null ? -1 : titles.ToList().IndexOf(freeText);
        if (excess > 0 && free >= 0 && columns[free] - excess >= Math.Max(LeastFreeText, Cells(freeText!)))
        {
            columns[free] -= excess;
            excess = 0;
        }

        return excess > 0 ? Blocks() : Table(columns);
    }

    private int Widest(int column) => Math.Max(Cells(titles[column]), rows.Max(row => Cells(row[column])));

    private string Table(int[] columns)
    {
        var rule = Array.ConvertAll(columns, static cells => new string('─', cells));
        return string.Join('\n', rows.Prepend(rule).Prepend(titles).Select(row => Line(row, columns)));
    }

    private static string Line(IReadOnlyList<string> row, int[] columns)
    {
        var line = new StringBuilder();
        for (var i = 0; i < columns.Length; i++)
        {
            var cell = Shortened(row[i], columns[i]);
            line.Append(i == 0 ? "" : Gap).Append(cell).Append(' ', columns[i] - Cells(cell));
        }

        return line.ToString().TrimEnd();
    }

    private string Blocks() => string.Join("\n\n", rows.Select(row => string.Join(
        '\n', titles.Zip(row).Where(static cell => cell.Second.Length > 0).Select(static cell => $"{cell.First}: {cell.Second}"))));

    private static string Shortened(string text, int cells)
    {
        if (Cells(text) <= cells)
        {
            return text;
        }

        var kept = new StringBuilder();
        var left = cells - Cells(Cut);
        foreach (var rune in text.EnumerateRunes())
        {
            left -= Cells(rune.ToString());
            if (left < 0)
            {
                break;
            }

            kept.Append(rune);
        }

        return kept.ToString().TrimEnd() + Cut;
    }

    /// <summary>East Asian characters take two.</summary>
    private static int Cells(string text) => new Segment(text).CellCount();
}
