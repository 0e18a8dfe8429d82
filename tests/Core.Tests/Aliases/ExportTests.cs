using FsCheck;
using FsCheck.Fluent;
using Smtpy.Core.Aliases;
using Smtpy.Core.Aliases.Export;
using Smtpy.Core.Aliases.Import;
using Smtpy.Core.Rules;

namespace Smtpy.Core.Tests.Aliases;

/// <summary>What one instance exports, another one imports: the aliases are the same there.</summary>
public sealed class ExportTests
{
    private const string Owner = "owner@example.net";

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task An_empty_instance_has_the_same_aliases_afterwards(DatabaseKind kind)
    {
        using var from = await FilledAsync(kind);
        using var to = await TestDatabase.CreateAsync(kind);
        await to.AddAccountAsync(Owner, isAdmin: true);
        await to.AddVerifiedDomainAsync("a.test", Owner);
        await to.AddVerifiedDomainAsync("xn--bcher-kva.test", Owner);
        var csv = await CsvAsync(from);

        var report = await new ImportAliases(to.Contexts, to.Time).RunAsync(AliasCsv.Read(new StringReader(csv)), null, CancellationToken.None);

        Assert.Empty(report.Problems);
        Assert.Equal(6, report.Added);
        Assert.Equal(csv, await CsvAsync(to));
        Assert.Equal(await DescribeAsync(from), await DescribeAsync(to));
    }

    [Fact]
    public async Task A_note_that_is_too_long_is_cut_and_counted_and_one_that_is_no_text_names_its_row()
    {
        using var database = await TestDatabase.CreateAsync();
        await database.AddAccountAsync(Owner, isAdmin: true);
        await database.AddVerifiedDomainAsync("a.test", Owner);
        var csv = $"alias,note\nlong@a.test,{new string('x', 5_000)}\nnul@a.test,a\0b\n";

        var report = await new ImportAliases(database.Contexts, database.Time).RunAsync(AliasCsv.Read(new StringReader(csv)), null, CancellationToken.None);

        Assert.Equal((1, 1, 3), (report.Added, report.NotesCut, Assert.Single(report.Problems).Line));
        Assert.Equal(Smtpy.Core.Aliases.Alias.LongestDescription, database.Scalar("SELECT length(description) FROM aliases"));
    }

    [Fact]
    public async Task Formulas_are_text_to_a_spreadsheet_and_deleted_aliases_are_left_out()
    {
        using var database = await FilledAsync(DatabaseKind.Sqlite);
        var lines = (await CsvAsync(database)).Split("\r\n");
        Assert.Equal("alias,note,recipients,enabled,when_disabled", lines[0]);
        Assert.Contains("formula@a.test,\"'=cmd|' /C calc'!A0, \"\"x\"\"\",me@b.test,true,discard", lines);
        Assert.Contains("'+plus@a.test,,me@b.test you@b.test,false,defer", lines);
        Assert.DoesNotContain(lines, static line => line.StartsWith("gone@", StringComparison.Ordinal));
    }

    [Fact]
    public async Task All_that_an_account_owns_is_exported_and_nothing_of_others()
    {
        using var database = await FilledAsync(DatabaseKind.Sqlite);
        await database.AddAccountAsync("other@example.net");
        var export = new ExportAccounts(database.Contexts);

        var account = Assert.Single((await export.RunAsync("OWNER@example.net", CancellationToken.None)).Value!);
        Assert.Equal(["a.test", "xn--bcher-kva.test"], account.Domains.Select(static d => d.Name));
        Assert.Equal(["me@b.test", "you@b.test"], account.Recipients.Select(static r => r.Email));
        Assert.NotNull(account.Aliases.Single(static a => a.Address == "gone@a.test").DeletedAt);
        Assert.Equal(("@spam.test", SenderVerdict.Block, "formula@a.test"), account.SenderRules.Select(static r => (r.Sender, r.Verdict, r.Alias)).Single());
        Assert.Equal(["other@example.net", Owner], (await export.RunAsync(null, CancellationToken.None)).Value!.Select(static a => a.Email));
        Assert.Contains("no account", (await export.RunAsync("nobody@example.net", CancellationToken.None)).Problem!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_comes_back_as_it_was() => Prop.ForAll<string?, bool>((text, isEnabled) =>
    {
        foreach (var note in new[] { text ?? "", "=" + text, "'" + text, "''@" + text, " \t" + text + "\r\n", "\"" + text + "," })
        {
            using var csv = new StringWriter();
            AliasCsvWriter.WriteAsync(csv, [Alias("-shop@a.test", note, isEnabled)], CancellationToken.None).GetAwaiter().GetResult();
            var row = AliasCsv.Read(new StringReader(csv.ToString())).Single();
            if ((row.Address, row.Note, row.Enabled) != ("-shop@a.test", note, isEnabled))
            {
                return false;
            }
        }

        return true;
    }).QuickCheckThrowOnFailure();

    private static ExportedAlias Alias(string address, string note, bool isEnabled) => new(
        address, note, isEnabled, DisabledBehaviour.Refuse, ["me@b.test"], null, false, new MailHandling(), false, null, BannerPlace.Off, true,
        default, default, null);

    private static async Task<TestDatabase> FilledAsync(DatabaseKind kind)
    {
        var database = await TestDatabase.CreateAsync(kind);
        await database.AddAccountAsync(Owner, isAdmin: true);
        await database.AddVerifiedDomainAsync("a.test", Owner);
        await database.AddVerifiedDomainAsync("bücher.test", Owner);
        await database.AddAliasAsync("formula@a.test", "me@b.test");
        await database.AddAliasAsync("+plus@a.test", "me@b.test", "you@b.test");
        await database.AddAliasAsync("lines@a.test", "you@b.test");
        await database.AddAliasAsync("grüße@bücher.test", "me@b.test");
        await database.AddAliasAsync("o'neill@a.test", "me@b.test");
        await database.AddAliasAsync("nobody@a.test");
        await database.AddAliasAsync("gone@a.test", "me@b.test");
        var edit = new EditAlias(database.Contexts, database.Time);
        foreach (var (address, note) in new[]
        {
            ("formula@a.test", "=cmd|' /C calc'!A0, \"x\""), ("lines@a.test", " two\r\nlines; and\ta tab "), ("grüße@bücher.test", "'quoted' – 📮"),
            ("nobody@a.test", "'=already guarded"),
        })
        {
            Assert.True((await edit.RunAsync(address, new AliasEdit(note), CancellationToken.None)).Succeeded);
        }

        await new SetAliasEnabled(database.Contexts, database.Time).RunAsync("+plus@a.test", false, DisabledBehaviour.Defer, CancellationToken.None);
        await new DeleteAlias(database.Contexts, database.Time).RunAsync("gone@a.test", CancellationToken.None);
        Assert.True((await new SetSenderRule(database.Contexts, database.Time).RunAsync(
            SenderRuleScope.Alias("formula@a.test"), "@spam.test", SenderVerdict.Block, CancellationToken.None)).Succeeded);
        return database;
    }

    private static async Task<string> CsvAsync(TestDatabase database)
    {
        using var csv = new StringWriter();
        var accounts = (await new ExportAccounts(database.Contexts).RunAsync(null, CancellationToken.None)).Value!;
        await AliasCsvWriter.WriteAsync(csv, accounts.SelectMany(static a => a.Aliases).Where(static a => a.DeletedAt is null), CancellationToken.None);
        return csv.ToString();
    }

    private static async Task<List<string>> DescribeAsync(TestDatabase database) =>
        [.. (await new ListAliases(database.Contexts).RunAsync(null, CancellationToken.None)).Value!.Select(static a =>
            $"{a.Address}|{a.Description}|{a.Enabled}|{a.DisabledBehaviour}|{string.Join(' ', a.Recipients.Select(static r => r.Email))}")];
}
