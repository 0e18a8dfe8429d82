using Smtpy.Server.Commands;
using Xunit;

namespace Smtpy.Server.Tests.Commands;

/// <summary>Lists as a person sees them in a terminal of 80 cells and in a pipe.</summary>
public sealed class TextTableTests
{
    private const string Time = "2026-11-25 08:00:00Z";
    private const string Reverse = "shop+jane=shop.example@alias.example";

    [Fact]
    public void What_fits_is_a_table_in_lines_without_blanks_at_the_end()
    {
        var text = new TextTable(["alias", "state"], [["shop@alias.example", "on"], ["a@b.example", "off: refuses"]], null).Fit(80);

        Assert.Equal(
            [
                "alias               state",
                "──────────────────  ────────────",
                "shop@alias.example  on",
                "a@b.example         off: refuses",
            ], text.Split('\n'));
    }

    [Theory]
    [InlineData(80)]
    [InlineData(160)]
    public void Free_text_alone_is_shortened_so_that_the_table_fits(int width)
    {
        var reply = string.Join(' ', Enumerable.Repeat("550 5.7.1 not wanted here", 20));
        var lines = new TextTable(["at", "from", "answer"], [[Time, "jane@shop.example", reply]], "answer").Fit(width).Split('\n');

        Assert.Equal(3, lines.Length);
        Assert.All(lines, line => Assert.InRange(line.Length, 1, width));
        Assert.Contains($"{Time}  jane@shop.example  550 5.7.1", lines[2], StringComparison.Ordinal);
        Assert.EndsWith("…", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_80_cells_is_a_block_for_each_row_and_at_160_a_table()
    {
        IReadOnlyList<string>[] rows =
        [
            [Time, "shop@alias.example", "jane@shop.example", Reverse, "a word or two"], [Time, "shop@alias.example", "joe@shop.example", Reverse, ""],
        ];
        var table = new TextTable(["at", "alias", "contact", "reverse address", "name"], rows, "name");

        Assert.Equal(
            $"at: {Time}\nalias: shop@alias.example\ncontact: jane@shop.example\nreverse address: {Reverse}\nname: a word or two\n\n"
            + $"at: {Time}\nalias: shop@alias.example\ncontact: joe@shop.example\nreverse address: {Reverse}", table.Fit(80));
        Assert.Equal(4, table.Fit(160).Split('\n').Length);
    }

    [Fact]
    public void Wide_characters_count_twice_and_are_not_cut_in_half()
    {
        var text = new TextTable(["name"], [[string.Concat(Enumerable.Repeat("漢😀", 30))]], "name").Fit(24).Split('\n')[2];

        Assert.Equal("漢😀漢😀漢😀漢😀漢😀漢…", text);
    }

    [Fact]
    public void One_delivery_is_due_and_two_are()
    {
        Assert.Equal("1 delivery is due now", QueueActions.Due(1));
        Assert.Equal("2 deliveries are due now", QueueActions.Due(2));
    }
}
