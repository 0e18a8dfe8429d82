using Smtpy.Core.Storage;

namespace Smtpy.Core.Tests.Storage;

/// <summary>Lookups run on sessions that are kept, with statements prepared once.</summary>
public sealed class LookupSessionTests
{
    private const string Email = "SELECT email FROM accounts WHERE email = @email";

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task Many_lookups_at_once_each_get_the_answer_to_their_own_question(DatabaseKind kind)
    {
        using var database = await TestDatabase.CreateAsync(kind);
        for (var i = 0; i < 8; i++)
        {
            await database.AddAccountAsync($"user{i}@example.org");
        }

        var version = database.Version(database.Time);
        await Task.WhenAll(Enumerable.Range(0, 400).Select(i => Task.Run(async () =>
            Assert.Equal($"user{i % 8}@example.org", await AskAsync(version, $"user{i % 8}@example.org")))));
    }

    [Theory]
    [InlineData(DatabaseKind.Sqlite)]
    [InlineData(DatabaseKind.Postgres)]
    public async Task A_statement_that_is_run_over_and_over_within_one_lookup_answers_each_question_anew(DatabaseKind kind)
    {
        using var database = await TestDatabase.CreateAsync(kind);
        string[] emails = ["one@example.org", "two@example.org"];
        foreach (var email in emails)
        {
            await database.AddAccountAsync(email);
        }

        await using var session = await database.Database.OpenLookupAsync(CancellationToken.None);
        for (var i = 0; i < 8; i++)
        {
            Assert.Equal(emails[i % 2], await AskAsync(session, emails[i % 2], CancellationToken.None));
        }
    }

    [Fact]
    public async Task A_session_is_used_again_with_the_statement_it_prepared()
    {
        using var database = await TestDatabase.CreateAsync();
        var first = await database.Database.OpenLookupAsync(CancellationToken.None);
        var command = first.Command(Email);
        await first.DisposeAsync();
        await using var second = await database.Database.OpenLookupAsync(CancellationToken.None);
        Assert.Same(first, second);
        Assert.Same(command, second.Command(Email));
        Assert.Empty(command.Parameters);
    }

    [Fact]
    public async Task A_session_that_failed_is_not_given_out_again()
    {
        using var database = await TestDatabase.CreateAsync();
        LookupSession? failed = null;
        var failure = await Assert.ThrowsAsync<StorageException>(async () => await database.Version(database.Time).LookUpAsync(
            async (session, _, cancel) =>
            {
                failed = session;
                return await session.Command("SELECT 1 FROM no_such_table").ExecuteScalarAsync(cancel);
            },
            CancellationToken.None));
        Assert.Contains("no_such_table", failure.Message, StringComparison.Ordinal);
        await using var next = await database.Database.OpenLookupAsync(CancellationToken.None);
        Assert.NotSame(failed, next);
    }

    [Fact]
    public async Task A_kept_session_holds_no_checkpoint_up_and_sees_what_others_write()
    {
        using var database = await TestDatabase.CreateAsync();
        await database.AddAccountAsync("first@example.org");
        await database.AddAccountAsync("second@example.org");
        var version = database.Version(database.Time);

        // One row of two is read: what is left of a statement must not stay open.
        await version.LookUpAsync(
            async (session, _, cancel) =>
            {
                await using var rows = await session.Command("SELECT email FROM accounts").ExecuteReaderAsync(cancel);
                return await rows.ReadAsync(cancel);
            },
            CancellationToken.None);
        Assert.Equal(0, database.Scalar("PRAGMA wal_checkpoint(TRUNCATE)"));
        await database.AddAccountAsync("third@example.org");
        Assert.Equal("third@example.org", await AskAsync(version, "third@example.org"));
    }

    [Fact]
    public async Task A_prepared_statement_outlives_a_change_of_the_schema()
    {
        using var database = await TestDatabase.CreateAsync();
        await database.AddAccountAsync("me@example.org");
        var version = database.Version(database.Time);
        Assert.Equal("me@example.org", await AskAsync(version, "me@example.org"));
        database.Execute("ALTER TABLE accounts ADD COLUMN later INTEGER");
        database.Execute("CREATE INDEX ix_later ON accounts (later, email)");
        Assert.Equal("me@example.org", await AskAsync(version, "me@example.org"));
    }

    private static async Task<string?> AskAsync(RoutingVersion version, string email) => await version.LookUpAsync(
        (session, _, cancel) => AskAsync(session, email, cancel), CancellationToken.None);

    private static async ValueTask<string?> AskAsync(LookupSession session, string email, CancellationToken cancellationToken)
    {
        await using var rows = await session.Command(Email).AddText("@email", email).ExecuteReaderAsync(cancellationToken);
        return await rows.ReadAsync(cancellationToken) ? rows.GetString(0) : null;
    }
}
