using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Aliases;
using Smtpy.Core.Contacts;
using Smtpy.Core.Recipients;
using Smtpy.Mail.Rewriting;

namespace Smtpy.Core.Tests.Contacts;

/// <summary>What composing mail asks of the database and leaves there.</summary>
public abstract class CorrespondenceTests(DatabaseKind kind) : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private Guid _account;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(kind);
        _account = (await _database.AddAccountAsync("owner@mailbox.test", isAdmin: true)).Id;
        await _database.AddVerifiedDomainAsync("alias.test", "owner@mailbox.test");
    }

    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_contact_is_added_once_and_nobody_who_is_there_is_changed()
    {
        var add = new AddContacts(_database.Contexts);
        await add.RunAsync([Contact("jane@sender.test", "first@alias.test"), Contact("bob@sender.test", "bob@alias.test")], Cancellation);
        await add.RunAsync([Contact("jane@sender.test", "second@alias.test", "J\0\ud800"), Contact("nul@sender.test", "nul@alias.test", "a\0b")], Cancellation);
        await using var context = _database.Contexts.CreateDbContext();
        var contacts = await context.Contacts.OrderBy(c => c.Address).ToListAsync(Cancellation);
        Assert.Equal(["bob@alias.test", "first@alias.test", "nul@alias.test"], contacts.Select(contact => contact.ReverseAddress));
        Assert.Equal((_account, "shop@alias.test", false, _database.Time.GetUtcNow()), (contacts[1].AccountId, contacts[1].AliasAddress, contacts[1].Blocked, contacts[1].CreatedAt));
        Assert.Equal("a\uFFFDb", contacts[2].DisplayName);
        var book = new ContactBook(_database.Version(TimeProvider.System), new AliasDirectoryOptions());
        Assert.Equal(contacts[1].Id, (await book.FindAsync("shop@alias.test", "jane@sender.test", Cancellation))!.Id);
    }

    [Fact]
    public async Task An_account_that_is_gone_gets_no_contacts_and_no_failure()
    {
        await new AddContacts(_database.Contexts).RunAsync([Contact("jane@sender.test", "x@alias.test", account: Guid.NewGuid())], Cancellation);
        Assert.Equal(0, _database.Scalar("SELECT count(*) FROM contacts"));
    }

    [Fact]
    public async Task Encryption_is_the_recipients_own_and_a_change_is_seen()
    {
        var book = new EncryptionBook(_database.Version(TimeProvider.System), new AliasDirectoryOptions(), _database.Time);
        await _database.AddAliasAsync("shop@alias.test", "jane@inbox.test");
        Assert.False((await book.FindAsync(_account, "jane@inbox.test", Cancellation)).IsWanted);
        Assert.False((await book.FindAsync(_account, "nobody@inbox.test", Cancellation)).IsWanted);
        await using var context = _database.Contexts.CreateDbContext();
        var recipient = await context.Recipients.SingleAsync(Cancellation);
        (recipient.Encryption, recipient.EncryptionKey, recipient.ProtectSubject) = (EncryptionKind.Pgp, "no key"u8.ToArray(), true);
        await context.SaveChangesAsync(Cancellation);
        var found = await book.FindAsync(_account, "jane@inbox.test", Cancellation);
        Assert.True(found is { IsWanted: true, IsUsable: false, ProtectSubject: true });
        Assert.False(string.IsNullOrEmpty(found.Fault));
        Assert.Same(found, await book.FindAsync(_account, "jane@inbox.test", Cancellation));
        Assert.False((await book.FindAsync(Guid.NewGuid(), "jane@inbox.test", Cancellation)).IsWanted);
    }

    [Fact]
    public async Task A_mailbox_is_one_in_whatever_case_it_is_written()
    {
        await _database.AddAliasAsync("shop@alias.test", "Jane@inbox.test");
        await using (var context = _database.Contexts.CreateDbContext())
        {
            var recipient = await context.Recipients.SingleAsync(Cancellation);
            (recipient.Encryption, recipient.EncryptionKey) = (EncryptionKind.Pgp, "no key"u8.ToArray());
            await context.SaveChangesAsync(Cancellation);
        }

        var book = new EncryptionBook(_database.Version(TimeProvider.System), new AliasDirectoryOptions(), _database.Time);
        Assert.True((await book.FindAsync(_account, "jane@inbox.test", Cancellation)).IsWanted);
        await _database.AddAliasAsync("second@alias.test", "JANE@inbox.test");
        Assert.Equal(1, _database.Scalar("SELECT count(*) FROM recipients"));

        // Two that came to be all the same: the one with the key decides.
        await using (var context = _database.Contexts.CreateDbContext())
        {
            context.Recipients.Add(new Recipient { AccountId = _account, Email = "jane@inbox.test", CreatedAt = _database.Time.GetUtcNow() });
            await context.SaveChangesAsync(Cancellation);
        }

        Assert.True((await book.FindAsync(_account, "jane@inbox.test", Cancellation)).IsWanted);
    }

    [Fact]
    public async Task Every_mailbox_behind_an_alias_is_known_and_no_other()
    {
        await _database.AddAliasAsync("shop@alias.test", "jane@inbox.test", "joe@inbox.test");
        await _database.AddAliasAsync("other@alias.test", "stranger@inbox.test");
        var mailboxes = new OwnerMailboxes(_database.Version(TimeProvider.System));
        Assert.Equal(
            ["jane@inbox.test", "joe@inbox.test", "owner@mailbox.test"],
            (await mailboxes.FindAsync(_account, "shop@alias.test", Cancellation)).Order(StringComparer.Ordinal));
        Assert.Equal(["owner@mailbox.test"], await mailboxes.FindAsync(_account, "nobody@alias.test", Cancellation));
    }

    [Fact]
    public async Task A_link_shows_first_and_then_switches_the_alias_off()
    {
        var alias = await _database.AddAliasAsync("shop@alias.test", "jane@inbox.test");
        var unsubscribe = new Unsubscribe(_database.Contexts, _database.Time);
        var order = new UnsubscribeOrder(UnsubscribeChoice.DisableAlias, alias.Id, Guid.Empty);
        Assert.Equal(new UnsubscribeSubject(UnsubscribeChoice.DisableAlias, "shop@alias.test", "", IsDone: false), (await unsubscribe.ShowAsync(order, Cancellation)).Value);
        Assert.True(await IsEnabledAsync());
        Assert.True((await unsubscribe.RunAsync(order, Cancellation)).Value!.IsDone);
        Assert.False(await IsEnabledAsync());
        Assert.True((await unsubscribe.RunAsync(order, Cancellation)).Value!.IsDone);
        Assert.False((await unsubscribe.RunAsync(order with { AliasId = Guid.NewGuid() }, Cancellation)).Succeeded);

        async Task<bool> IsEnabledAsync()
        {
            await using var context = _database.Contexts.CreateDbContext();
            return (await context.Aliases.SingleAsync(Cancellation)).Enabled;
        }
    }

    [Fact]
    public async Task A_link_blocks_the_sender_it_was_made_for()
    {
        await new AddContacts(_database.Contexts).RunAsync([Contact("jane@sender.test", "j@alias.test"), Contact("bob@sender.test", "b@alias.test")], Cancellation);
        await using var context = _database.Contexts.CreateDbContext();
        var jane = await context.Contacts.SingleAsync(c => c.Address == "jane@sender.test", Cancellation);
        var order = new UnsubscribeOrder(UnsubscribeChoice.BlockSender, Guid.Empty, jane.Id);
        var done = await new Unsubscribe(_database.Contexts, _database.Time).RunAsync(order, Cancellation);
        Assert.Equal(new UnsubscribeSubject(UnsubscribeChoice.BlockSender, "shop@alias.test", "jane@sender.test", IsDone: true), done.Value);
        await using var after = _database.Contexts.CreateDbContext();
        Assert.Equal(["jane@sender.test"], await after.Contacts.Where(c => c.Blocked).Select(c => c.Address).ToListAsync(Cancellation));
    }

    private Contact Contact(string address, string reverse, string name = "Jane", Guid? account = null) => new()
    {
        AccountId = account ?? _account,
        AliasAddress = "shop@alias.test",
        Address = address,
        DisplayName = name,
        ReverseAddress = reverse,
        CreatedAt = _database.Time.GetUtcNow(),
    };
}

public sealed class CorrespondenceOnSqliteTests() : CorrespondenceTests(DatabaseKind.Sqlite);

public sealed class CorrespondenceOnPostgresTests() : CorrespondenceTests(DatabaseKind.Postgres);
