using FsCheck;
using FsCheck.Fluent;
using Smtpy.Core.Aliases.Import;
using Xunit;

namespace Smtpy.Core.Tests.Aliases;

public sealed class AliasCsvTests
{
    [Fact]
    public void A_list_of_SimpleLogin_is_read()
    {
        var row = Assert.Single(Read("alias,note,enabled,mailboxes\r\nshop@a.test,\"My \"\"shop\"\", north\",False,me@b.test you@b.test\r\n"));
        Assert.Equal((2, "shop@a.test", "My \"shop\", north", false), (row.Line, row.Address, row.Note, row.Enabled));
        Assert.Equal(["me@b.test", "you@b.test"], row.Recipients);
    }

    [Fact]
    public void A_list_of_addy_io_is_read()
    {
        var row = Assert.Single(Read("id,email,active,description,recipients\n1,shop@a.test,1,,\"me@b.test,you@b.test\""));
        Assert.Equal(("shop@a.test", "", true), (row.Address, row.Note, row.Enabled));
        Assert.Equal(["me@b.test", "you@b.test"], row.Recipients);
    }

    [Fact]
    public void Line_numbers_count_the_lines_of_the_file()
    {
        var rows = Read("alias,note\na@a.test,\"two\nlines\"\n\nb@a.test,\n").ToList();
        Assert.Equal([2, 5], rows.Select(row => row.Line));
    }

    [Theory]
    [InlineData("yes", "", true)]
    [InlineData("", "Refuse", true)]
    [InlineData("maybe", "discard", false)]
    [InlineData("no", "7", false)]
    [InlineData("no", "discard;defer", false)]
    public void A_word_that_means_nothing_makes_the_row_unusable_instead_of_meaning_something(string enabled, string disabled, bool isUsable) =>
        Assert.Equal(isUsable, Read($"alias,enabled,when_disabled\nshop@a.test,{enabled},{disabled}\n").Single().Problem is null);

    [Theory]
    [InlineData("")]
    [InlineData("shop@a.test,note\n")]
    public void A_file_without_an_alias_column_is_refused(string text) =>
        Assert.Throws<FormatException>(() => Read(text).ToList());

    [Fact]
    public void Any_field_comes_back_when_it_is_quoted() =>
        Prop.ForAll<string?>(text =>
        {
            var note = (text ?? "").Trim();
            var row = Read($"alias,note\nshop@a.test,\"{note.Replace("\"", "\"\"", StringComparison.Ordinal)}\"\n").Single();
            return row.Note == note && row.Address == "shop@a.test";
        }).QuickCheckThrowOnFailure();

    private static IEnumerable<AliasCsvRow> Read(string text) => AliasCsv.Read(new StringReader(text));
}
