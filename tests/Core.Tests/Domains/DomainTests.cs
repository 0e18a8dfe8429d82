using Smtpy.Core.Aliases;
using Smtpy.Core.Domains;

namespace Smtpy.Core.Tests.Domains;

public abstract class DomainTests(DatabaseKind kind) : IAsyncLifetime
{
    private TestDatabase _database = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.CreateAsync(kind);

    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_domain_belongs_to_the_first_administrator_unless_another_owner_is_named()
    {
        var add = new AddDomain(_database.Contexts, _database.Time);
        var early = await add.RunAsync("a.test", null, Cancellation);
        Assert.Contains("smtpy user add", early.Problem?.Message, StringComparison.Ordinal);
        await _database.AddAccountAsync("user@home.test");
        await _database.AddAccountAsync("root@home.test", isAdmin: true);
        Assert.Equal("root@home.test", (await add.RunAsync("A.test.", null, Cancellation)).Value!.Account!.Email);
        Assert.Equal("user@home.test", (await add.RunAsync("b.test", "USER@home.test", Cancellation)).Value!.Account!.Email);
        Assert.Equal(ProblemKind.Conflict, (await add.RunAsync("a.test", null, Cancellation)).Problem!.Kind);
        Assert.Equal(ProblemKind.NotFound, (await add.RunAsync("c.test", "ghost@home.test", Cancellation)).Problem!.Kind);
        Assert.Equal(ProblemKind.Invalid, (await add.RunAsync("no domain", null, Cancellation)).Problem!.Kind);
    }

    [Fact]
    public async Task Domains_are_listed_with_what_matters()
    {
        await _database.AddAccountAsync("user@home.test");
        await _database.AddVerifiedDomainAsync("b.test", "user@home.test");
        await new AddDomain(_database.Contexts, _database.Time).RunAsync("a.test", "user@home.test", Cancellation);
        await _database.AddAliasAsync("x@b.test", "jane@mail.test");
        Assert.Equal(
            [
                new DomainSummary("a.test", "user@home.test", null, false, 0),
                new DomainSummary("b.test", "user@home.test", _database.Time.GetUtcNow(), false, 1),
            ],
            await new ListDomains(_database.Contexts).RunAsync(Cancellation));
    }

    [Fact]
    public async Task Without_force_a_domain_is_not_verified_and_the_answer_says_how()
    {
        await _database.AddAccountAsync("user@home.test");
        await new AddDomain(_database.Contexts, _database.Time).RunAsync("a.test", "user@home.test", Cancellation);
        var verify = new VerifyDomain(_database.Contexts, _database.Time);
        Assert.Contains("--force", (await verify.RunAsync("a.test", force: false, Cancellation)).Problem?.Message, StringComparison.Ordinal);
        Assert.NotNull((await verify.RunAsync("a.test", force: true, Cancellation)).Value!.VerifiedAt);
        Assert.True((await verify.RunAsync("a.test", force: false, Cancellation)).Succeeded);
        Assert.Equal(ProblemKind.NotFound, (await verify.RunAsync("z.test", force: true, Cancellation)).Problem!.Kind);
    }

    [Fact]
    public async Task An_alias_needs_its_domain_and_good_recipients_and_shares_them_with_others()
    {
        await _database.AddAccountAsync("user@home.test");
        var add = new AddAlias(_database.Contexts, _database.Time);
        Assert.Contains(
            "smtpy domain add", (await add.RunAsync("x@a.test", ["j@mail.test"], null, Cancellation)).Problem?.Message, StringComparison.Ordinal);
        await _database.AddVerifiedDomainAsync("a.test", "user@home.test");
        Assert.Equal(ProblemKind.Invalid, (await add.RunAsync("x@a.test", ["nonsense"], null, Cancellation)).Problem!.Kind);
        await _database.AddAliasAsync("X@A.test", "j@mail.test", "j@MAIL.test");
        await _database.AddAliasAsync("y@a.test", "j@mail.test");
        Assert.Equal(ProblemKind.Conflict, (await add.RunAsync("x@a.test", [], null, Cancellation)).Problem!.Kind);
        Assert.Equal(1, _database.Scalar("SELECT count(*) FROM recipients"));
        var listed = (await new ListAliases(_database.Contexts).RunAsync("a.test", Cancellation)).Value!;
        Assert.Equal(["x@a.test", "y@a.test"], listed.Select(alias => alias.Address));
        Assert.Equal(["j@mail.test"], listed[0].Recipients.Select(recipient => recipient.Email));
    }

    [Fact]
    public async Task A_deleted_alias_is_gone_and_cannot_be_switched()
    {
        await _database.AddAccountAsync("user@home.test");
        await _database.AddVerifiedDomainAsync("a.test", "user@home.test");
        await _database.AddAliasAsync("x@a.test", "j@mail.test");
        Assert.True((await new DeleteAlias(_database.Contexts, _database.Time).RunAsync("X@a.test", Cancellation)).Succeeded);
        Assert.Equal(ProblemKind.NotFound, (await new DeleteAlias(_database.Contexts, _database.Time).RunAsync("x@a.test", Cancellation)).Problem!.Kind);
        var switched = await new SetAliasEnabled(_database.Contexts, _database.Time).RunAsync("x@a.test", true, null, Cancellation);
        Assert.Equal(ProblemKind.NotPossible, switched.Problem!.Kind);
        Assert.Equal(ProblemKind.Conflict, (await new AddAlias(_database.Contexts, _database.Time).RunAsync("x@a.test", [], null, Cancellation)).Problem!.Kind);
        Assert.True((await new ForgetAlias(_database.Contexts).RunAsync("x@a.test", Cancellation)).Succeeded);
        Assert.Equal(0, _database.Scalar("SELECT count(*) FROM alias_recipients"));
    }
}

public sealed class DomainOnSqliteTests() : DomainTests(DatabaseKind.Sqlite);

public sealed class DomainOnPostgresTests() : DomainTests(DatabaseKind.Postgres);
