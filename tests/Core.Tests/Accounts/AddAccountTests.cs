using Microsoft.AspNetCore.Identity;
using Smtpy.Core.Accounts;

namespace Smtpy.Core.Tests.Accounts;

public abstract class AddAccountTests(DatabaseKind kind)
{
    private static readonly PasswordHasher<Account> Hasher = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_password_is_stored_as_a_hash_that_verifies()
    {
        using var database = await TestDatabase.CreateAsync(kind);
        var added = await new AddAccount(database.Contexts, Hasher, database.Time).RunAsync("Jane@Home.Test", "correct horse", true, Cancellation);
        Assert.True(added.Succeeded);
        Assert.Equal("jane@home.test", added.Value.Email);
        Assert.DoesNotContain("correct horse", added.Value.PasswordHash!, StringComparison.Ordinal);
        Assert.Equal(PasswordVerificationResult.Success, Hasher.VerifyHashedPassword(added.Value, added.Value.PasswordHash!, "correct horse"));
    }

    [Theory]
    [InlineData("nonsense", null, ProblemKind.Invalid)]
    [InlineData("joe@home.test", "short", ProblemKind.Invalid)]
    [InlineData("JANE@home.test", null, ProblemKind.Conflict)]
    public async Task What_cannot_be_is_said_and_nothing_is_added(string email, string? password, ProblemKind problem)
    {
        using var database = await TestDatabase.CreateAsync(kind);
        await database.AddAccountAsync("jane@home.test");
        var added = await new AddAccount(database.Contexts, Hasher, database.Time).RunAsync(email, password, false, Cancellation);
        Assert.Equal(problem, added.Problem?.Kind);
        Assert.Equal(1, database.Scalar("SELECT count(*) FROM accounts"));
    }
}

public sealed class AddAccountOnSqliteTests() : AddAccountTests(DatabaseKind.Sqlite);

public sealed class AddAccountOnPostgresTests() : AddAccountTests(DatabaseKind.Postgres);
