using Smtpy.Core.Aliases;
using Smtpy.Core.Contacts;
using Smtpy.Core.Rules;

namespace Smtpy.Core.Tests.Contacts;

/// <summary>What is looked up on the path of every message besides the alias.</summary>
public abstract class ContactBookTests(DatabaseKind kind) : IAsyncLifetime
{
    private readonly ReverseAddresses _reverse = new("a secret of some length"u8.ToArray());
    private TestDatabase _database = null!;
    private ContactBook _book = null!;
    private Guid _account;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(kind);
        _account = (await _database.AddAccountAsync("owner@mailbox.test", isAdmin: true)).Id;
        await _database.AddVerifiedDomainAsync("alias.test", "owner@mailbox.test");
        _book = new ContactBook(_database.Version(TimeProvider.System), new AliasDirectoryOptions());
    }

    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_stranger_is_no_contact_and_is_one_as_soon_as_stored()
    {
        Assert.Null(await _book.FindAsync("shop@alias.test", "jane@sender.test", Cancellation));
        await AddAsync("jane@sender.test");
        var found = await _book.FindAsync("shop@alias.test", "jane@sender.test", Cancellation);
        Assert.Equal(("Jane", false, _account), (found!.DisplayName, found.Blocked, found.AccountId));
        Assert.Null(await _book.FindAsync("other@alias.test", "jane@sender.test", Cancellation));
    }

    [Fact]
    public async Task A_contact_blocked_by_another_process_is_seen_blocked()
    {
        await AddAsync("jane@sender.test");
        Assert.False((await _book.FindAsync("shop@alias.test", "jane@sender.test", Cancellation))!.Blocked);
        await using var context = _database.ContextsOfAnotherProcess().CreateDbContext();
        context.Contacts.Single().Blocked = true;
        await context.SaveChangesAsync(Cancellation);
        var book = new ContactBook(_database.Version(TimeProvider.System, TimeSpan.Zero), new AliasDirectoryOptions());
        Assert.True((await book.FindAsync("shop@alias.test", "jane@sender.test", Cancellation))!.Blocked);
    }

    [Fact]
    public async Task A_reverse_address_leads_to_its_contact_until_the_alias_is_deleted()
    {
        await _database.AddAliasAsync("shop@alias.test", "owner@mailbox.test");
        var contact = await AddAsync("jane@sender.test");
        var directory = new AliasDirectory(_database.Version(TimeProvider.System), new AliasDirectoryOptions(), "mx.host.test");
        var local = contact.ReverseAddress[..contact.ReverseAddress.IndexOf('@', StringComparison.Ordinal)];
        var found = await directory.FindAsync(local.ToUpperInvariant(), "alias.test", Cancellation);
        Assert.Equal(AliasOutcome.Reverse, found.Outcome);
        Assert.Equal(new ReverseRoute("jane@sender.test", "Jane", "shop@alias.test"), found.Reverse);
        Assert.Equal(AliasOutcome.ForeignDomain, (await directory.FindAsync(local, "mx.host.test", Cancellation)).Outcome);

        await using var context = _database.Contexts.CreateDbContext();
        context.Aliases.Single().DeletedAt = _database.Time.GetUtcNow();
        await context.SaveChangesAsync(Cancellation);
        Assert.Equal(AliasOutcome.Unknown, (await directory.FindAsync(local, "alias.test", Cancellation)).Outcome);
    }

    [Fact]
    public async Task Rules_of_an_account_are_its_own_and_a_new_one_holds_at_once()
    {
        var stranger = (await _database.AddAccountAsync("stranger@mailbox.test")).Id;
        var rules = new SenderRuleBook(_database.Version(TimeProvider.System), new AliasDirectoryOptions());
        Assert.True((await rules.FindAsync(_account, Cancellation)).IsEmpty);
        await using var context = _database.Contexts.CreateDbContext();
        context.SenderRules.Add(new SenderRule { AccountId = _account, Sender = "@spam.test", Verdict = SenderVerdict.Block, CreatedAt = _database.Time.GetUtcNow() });
        await context.SaveChangesAsync(Cancellation);
        Assert.Equal(SenderVerdict.Block, (await rules.FindAsync(_account, Cancellation)).Of("x@spam.test", null, null));
        Assert.True((await rules.FindAsync(stranger, Cancellation)).IsEmpty);
    }

    [Fact]
    public void Reverse_addresses_are_the_same_everywhere_and_tell_nothing()
    {
        var one = _reverse.For("shop@alias.test", "jane@sender.test", "alias.test");
        Assert.Equal(one, new ReverseAddresses("a secret of some length"u8.ToArray()).For("shop@alias.test", "jane@sender.test", "alias.test"));
        Assert.NotEqual(one, new ReverseAddresses("another secret of some length"u8.ToArray()).For("shop@alias.test", "jane@sender.test", "alias.test"));
        Assert.NotEqual(one, _reverse.For("other@alias.test", "jane@sender.test", "alias.test"));
        Assert.NotEqual(one, _reverse.For("shop@alias.test", "jane@sender.test", "alias.test", "again"));
        var local = one[..one.IndexOf('@', StringComparison.Ordinal)];
        Assert.True(ReverseAddresses.LooksLikeOne(local));
        Assert.False(ReverseAddresses.LooksLikeOne(local + "a"));
        Assert.DoesNotContain("jane", one, StringComparison.Ordinal);
    }

    private async Task<Contact> AddAsync(string address)
    {
        var contact = new Contact
        {
            AccountId = _account,
            AliasAddress = "shop@alias.test",
            Address = address,
            DisplayName = "Jane",
            ReverseAddress = _reverse.For("shop@alias.test", address, "alias.test"),
            CreatedAt = _database.Time.GetUtcNow(),
        };
        await using var context = _database.Contexts.CreateDbContext();
        context.Contacts.Add(contact);
        await context.SaveChangesAsync(Cancellation);
        return contact;
    }
}

public sealed class ContactBookOnSqliteTests() : ContactBookTests(DatabaseKind.Sqlite);

public sealed class ContactBookOnPostgresTests() : ContactBookTests(DatabaseKind.Postgres);
