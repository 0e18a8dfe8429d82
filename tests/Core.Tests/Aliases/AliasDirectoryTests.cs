using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Aliases;
using Smtpy.Core.Domains;

namespace Smtpy.Core.Tests.Aliases;

public abstract class AliasDirectoryTests(DatabaseKind kind) : IAsyncLifetime
{
    private TestDatabase _database = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(kind);
        await _database.AddAccountAsync("owner@home.test");
        await _database.AddVerifiedDomainAsync("alias.test", "owner@home.test");
        await _database.AddAliasAsync("shop@alias.test", "jane@mail.test", "joe@mail.test");
    }

    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("shop", "shop@alias.test")]
    [InlineData("SHOP", "shop@alias.test")]
    [InlineData("shop+spring", "shop@alias.test")]
    [InlineData("Shop+a+b", "shop@alias.test")]
    public async Task An_alias_is_found_in_any_case_and_with_any_extension(string local, string address)
    {
        var found = await FindAsync(local);
        Assert.Equal((AliasOutcome.Forward, address), (found.Outcome, found.Address));
        Assert.Equal(["jane@mail.test", "joe@mail.test"], found.Recipients);
        Assert.NotNull(found.AliasId);
        Assert.NotNull(found.AccountId);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("+shop")]
    [InlineData("sho")]
    public async Task An_address_that_is_no_alias_is_unknown(string local) =>
        Assert.Equal(AliasOutcome.Unknown, (await FindAsync(local)).Outcome);

    [Fact]
    public async Task An_alias_with_a_plus_of_its_own_comes_before_the_one_without()
    {
        await _database.AddAliasAsync("shop+vip@alias.test", "vip@mail.test");
        Assert.Equal(["vip@mail.test"], (await FindAsync("shop+vip")).Recipients);
    }

    [Fact]
    public async Task Mail_for_a_domain_that_is_not_ours_or_not_verified_is_foreign()
    {
        await new AddDomain(_database.Contexts, _database.Time).RunAsync("claimed.test", "owner@home.test", Cancellation);
        await _database.AddAliasAsync("a@claimed.test", "jane@mail.test");
        Assert.Equal(AliasOutcome.ForeignDomain, (await FindAsync("a", "claimed.test")).Outcome);
        Assert.Equal(AliasOutcome.ForeignDomain, (await FindAsync("a", "other.test")).Outcome);
        Assert.Equal(AliasOutcome.ForeignDomain, (await FindAsync("postmaster", "other.test")).Outcome);
        Assert.Equal(AliasOutcome.ForeignDomain, (await FindAsync("a", "[192.0.2.1]")).Outcome);
        Assert.Equal(AliasOutcome.ForeignDomain, (await FindAsync("a", "..")).Outcome);
    }

    [Theory]
    [InlineData(DisabledBehaviour.Discard, AliasOutcome.Discard)]
    [InlineData(DisabledBehaviour.Refuse, AliasOutcome.Refuse)]
    [InlineData(DisabledBehaviour.Defer, AliasOutcome.Defer)]
    public async Task A_disabled_alias_does_what_its_owner_wants(DisabledBehaviour behaviour, AliasOutcome outcome)
    {
        await DisableAsync("shop@alias.test", behaviour);
        var found = await FindAsync("shop");
        Assert.Equal(outcome, found.Outcome);
        Assert.Empty(found.Recipients);
        Assert.NotNull(found.AliasId);
    }

    [Fact]
    public async Task A_catch_all_takes_what_no_alias_does()
    {
        await new SetCatchAll(_database.Contexts, _database.Time).RunAsync("alias.test", ["all@mail.test"], Cancellation);
        var caught = await FindAsync("Anything+x");
        Assert.Equal((AliasOutcome.Forward, "anything+x@alias.test"), (caught.Outcome, caught.Address));
        Assert.Equal(["all@mail.test"], caught.Recipients);
        Assert.Equal(2, (await FindAsync("shop")).Recipients.Count);

        await new SetCatchAll(_database.Contexts, _database.Time).RunAsync("alias.test", [], Cancellation);
        Assert.Equal(AliasOutcome.Unknown, (await FindAsync("anything+x")).Outcome);
    }

    [Theory]
    [InlineData("mwgda6k2c7abcdefghijklmn", AliasOutcome.Unknown)]
    [InlineData("internationalnewsletters", AliasOutcome.Forward)]
    [InlineData("mwgda6k2c7abcdefghijklm", AliasOutcome.Forward)]
    public async Task A_catch_all_takes_no_answer_to_a_reverse_address_that_is_none_any_more(string local, AliasOutcome expected)
    {
        await new SetCatchAll(_database.Contexts, _database.Time).RunAsync("alias.test", ["all@mail.test"], Cancellation);
        Assert.Equal(expected, (await FindAsync(local)).Outcome);
    }

    [Fact]
    public async Task An_alias_without_recipients_forwards_to_the_owner_and_one_without_verified_ones_is_held()
    {
        await _database.AddAliasAsync("empty@alias.test");
        var found = await FindAsync("empty");
        Assert.Equal(AliasOutcome.Forward, found.Outcome);
        Assert.Equal(["owner@home.test"], found.Recipients);

        await _database.AddAliasAsync("stranger@alias.test", "unverified@mail.test");
        await using (var context = _database.Contexts.CreateDbContext())
        {
            (await context.Recipients.SingleAsync(r => r.Email == "unverified@mail.test", Cancellation)).VerifiedAt = null;
            await context.SaveChangesAsync(Cancellation);
        }

        Assert.Equal(AliasOutcome.Hold, (await FindAsync("stranger")).Outcome);
    }

    [Theory]
    [InlineData("postmaster")]
    [InlineData("Abuse")]
    public async Task Postmaster_and_abuse_reach_the_owner_where_there_is_no_alias(string role)
    {
        var found = await FindAsync(role);
        Assert.Equal(AliasOutcome.Forward, found.Outcome);
        Assert.Equal(["owner@home.test"], found.Recipients);
    }

    [Fact]
    public async Task Postmaster_reaches_its_aliass_recipients_even_when_that_is_disabled()
    {
        await _database.AddAliasAsync("postmaster@alias.test", "admin@mail.test");
        await DisableAsync("postmaster@alias.test", DisabledBehaviour.Refuse);
        var found = await FindAsync("postmaster");
        Assert.Equal(AliasOutcome.Forward, found.Outcome);
        Assert.Equal(["admin@mail.test"], found.Recipients);
    }

    [Theory]
    [InlineData("Postmaster", "")]
    [InlineData("postmaster", "mx.host.test")]
    [InlineData("abuse", "mx.host.test")]
    public async Task The_instances_own_postmaster_is_the_first_administrator_and_held_without_one(string local, string domain)
    {
        Assert.Equal(AliasOutcome.Hold, (await FindAsync(local, domain)).Outcome);
        await _database.AddAccountAsync("root@home.test", isAdmin: true);
        Assert.Equal(["root@home.test"], (await FindAsync(local, domain)).Recipients);
    }

    [Fact]
    public async Task A_name_in_Unicode_is_the_same_as_its_ASCII_form()
    {
        await _database.AddVerifiedDomainAsync("bücher.test", "owner@home.test");
        await _database.AddAliasAsync("jörg@bücher.test", "jane@mail.test");
        var directory = Directory();
        Assert.Equal(AliasOutcome.Forward, (await directory.FindAsync("jörg", "bücher.test", Cancellation)).Outcome);
        Assert.Equal(AliasOutcome.Forward, (await directory.FindAsync("JÖRG", "xn--bcher-kva.test", Cancellation)).Outcome);
    }

    [Fact]
    public async Task A_change_in_this_process_is_seen_at_once()
    {
        var directory = Directory(new AliasDirectoryOptions { ChangePoll = TimeSpan.FromDays(1) });
        Assert.Equal(AliasOutcome.Forward, (await directory.FindAsync("shop", "alias.test", Cancellation)).Outcome);
        await DisableAsync("shop@alias.test", DisabledBehaviour.Refuse);
        Assert.Equal(AliasOutcome.Refuse, (await directory.FindAsync("shop", "alias.test", Cancellation)).Outcome);
        await new DeleteAlias(_database.Contexts, _database.Time).RunAsync("shop@alias.test", Cancellation);
        Assert.Equal(AliasOutcome.Unknown, (await directory.FindAsync("shop", "alias.test", Cancellation)).Outcome);
    }

    [Fact]
    public async Task A_miss_is_never_remembered()
    {
        var directory = Directory(new AliasDirectoryOptions { ChangePoll = TimeSpan.FromDays(1) });
        Assert.Equal(AliasOutcome.Unknown, (await directory.FindAsync("new", "alias.test", Cancellation)).Outcome);
        await new AddAlias(_database.ContextsOfAnotherProcess(), _database.Time)
            .RunAsync("new@alias.test", ["jane@mail.test"], null, Cancellation);
        Assert.Equal(AliasOutcome.Forward, (await directory.FindAsync("new", "alias.test", Cancellation)).Outcome);
    }

    [Fact]
    public async Task A_change_in_another_process_is_seen_after_the_poll_and_until_then_the_answer_is_from_memory()
    {
        var lazy = Directory(new AliasDirectoryOptions { ChangePoll = TimeSpan.FromDays(1) });
        var eager = Directory(new AliasDirectoryOptions { ChangePoll = TimeSpan.Zero });
        Assert.Equal(AliasOutcome.Forward, (await lazy.FindAsync("shop", "alias.test", Cancellation)).Outcome);
        Assert.Equal(AliasOutcome.Forward, (await eager.FindAsync("shop", "alias.test", Cancellation)).Outcome);
        await new SetAliasEnabled(_database.ContextsOfAnotherProcess(), _database.Time)
            .RunAsync("shop@alias.test", enabled: false, DisabledBehaviour.Defer, Cancellation);
        Assert.Equal(AliasOutcome.Forward, (await lazy.FindAsync("shop", "alias.test", Cancellation)).Outcome);
        Assert.Equal(AliasOutcome.Defer, (await eager.FindAsync("shop", "alias.test", Cancellation)).Outcome);
    }

    [Fact]
    public async Task A_remembered_answer_is_the_very_same_object()
    {
        var directory = Directory(new AliasDirectoryOptions { ChangePoll = TimeSpan.FromDays(1) });
        var first = await directory.FindAsync("shop", "alias.test", Cancellation);
        Assert.Same(first, await directory.FindAsync("SHOP", "alias.test", Cancellation));
    }

    private AliasDirectory Directory(AliasDirectoryOptions? options = null) =>
        new(_database.Version(TimeProvider.System, options?.ChangePoll), options ?? new AliasDirectoryOptions(), "mx.host.test");

    private async Task<AliasLookup> FindAsync(string local, string domain = "alias.test") =>
        await Directory().FindAsync(local, domain, Cancellation);

    private async Task DisableAsync(string address, DisabledBehaviour behaviour)
    {
        var disable = new SetAliasEnabled(_database.Contexts, _database.Time);
        Assert.True((await disable.RunAsync(address, enabled: false, behaviour, Cancellation)).Succeeded);
    }
}

public sealed class AliasDirectoryOnSqliteTests() : AliasDirectoryTests(DatabaseKind.Sqlite);

public sealed class AliasDirectoryOnPostgresTests() : AliasDirectoryTests(DatabaseKind.Postgres);
