using Smtpy.Web.Rendering;

namespace Smtpy.Web.Mime;

/// <param name="Cut">The value is longer than what is shown.</param>
public sealed record HeaderRow(string Name, string Value, bool Cut);

/// <summary>The header block as rows to look at.</summary>
/// <param name="Total">Fields there are, shown or not.</param>
public sealed record HeaderTable(IReadOnlyList<HeaderRow> Rows, int Total)
{
    /// <summary>More rows help nobody and make a page of megabytes; the source has them all.</summary>
    public const int MaxRows = 500;

    private const int MaxNameOctets = 200;
    private const int MaxValueOctets = 8 * 1024;

    public static HeaderTable Read(ReadOnlyMemory<byte> octets)
    {
        var rows = new List<HeaderRow>();
        var total = 0;
        foreach (var field in HeaderFields.Split(octets))
        {
            if (++total <= MaxRows)
            {
                rows.Add(ToRow(field));
            }
        }

        return new HeaderTable(rows, total);
    }

    private static HeaderRow ToRow(RawField field)
    {
        var value = field.Value.Span.TrimStart(" \t"u8);
        var cut = value.Length > MaxValueOctets;
        var name = field.Name.Span[..Math.Min(field.Name.Length, MaxNameOctets)];
        var shown = Display.Visible(Display.Decode(cut ? value[..MaxValueOctets] : value));
        return new HeaderRow(Display.Visible(Display.Decode(name)), shown, cut);
    }
}
