using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Smtpy.Core.Accounts;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Tests.Accounts;

/// <summary>Notices are mail in the queue: not too many, and never about themselves.</summary>
public abstract class NotifyOwnerTests(DatabaseKind kind) : IAsyncLifetime
{
    private readonly StorageMetrics _metrics = new();
    private TestDatabase _database = null!;
    private IMessageStore _store = null!;
    private NotifyOwner _notices = null!;
    private Guid _owner;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(kind);
        _store = _database.CreateStore(_database.Time, _metrics);
        await _store.StartAsync(Cancellation);
        _owner = (await _database.AddAccountAsync("owner@mailbox.test")).Id;
        _notices = New();
    }

    public async ValueTask DisposeAsync()
    {
        _notices.Dispose();
        await _store.DisposeAsync();
        _metrics.Dispose();
        _database.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_notice_is_queued_to_the_owner_from_the_null_reverse_path()
    {
        await _notices.SendAsync(_owner, Held(4711), Cancellation);
        var due = Assert.Single(await _store.LeaseDueAsync(10, Cancellation));
        Assert.Equal(("", "owner@mailbox.test", DeliveryKind.Notice, MessageOrigin.Ourselves), (due.Sender, due.Recipient, due.Kind, due.Origin));
        Assert.Equal(_owner, due.AccountId);
        var text = await TextAsync(due);
        Assert.Equal(text.Length, due.Size);
        Assert.Contains("To: owner@mailbox.test\r\n", text, StringComparison.Ordinal);
        Assert.Contains("Why: its sender could not be verified", text, StringComparison.Ordinal);
        Assert.Contains("https://mail.test/base/api/v1/messages/4711\r\n", text, StringComparison.Ordinal);
        Assert.Contains("smtpy queue release 4711\r\n", text, StringComparison.Ordinal);
        Assert.Contains("Auto-Submitted: auto-generated\r\n", text, StringComparison.Ordinal);
        Assert.Contains("deleted on 19 January 2026", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_kind_has_its_limit_a_day_and_what_is_left_out_is_said()
    {
        for (var i = 0; i < 5; i++)
        {
            await _notices.SendAsync(_owner, Held(i + 1), Cancellation);
        }

        await _notices.SendAsync(_owner, new RecipientPausedNotice("jane@mail.test", 5), Cancellation);
        var sent = await TextsAsync();
        Assert.Equal(4, sent.Count);
        Assert.DoesNotContain("no more notices", sent[1], StringComparison.Ordinal);
        Assert.Contains("no more notices of this kind today", sent[2], StringComparison.Ordinal);
        Assert.Contains("Mail to jane@mail.test is paused", sent[3], StringComparison.Ordinal);

        _database.Time.Advance(TimeSpan.FromDays(1));
        await _notices.SendAsync(_owner, Held(6), Cancellation);
        await _notices.SendAsync(_owner, Held(7), Cancellation);
        sent = await TextsAsync();
        Assert.Contains("Yesterday there were 2 more of this kind", sent[0], StringComparison.Ordinal);
        Assert.DoesNotContain("Yesterday", sent[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_that_starts_knows_what_was_sent_today_and_accounts_do_not_share_a_limit()
    {
        for (var i = 0; i < 3; i++)
        {
            await _notices.SendAsync(_owner, Held(i + 1), Cancellation);
        }

        using var another = New();
        await another.SendAsync(_owner, Held(9), Cancellation);
        Assert.Equal(3, (await TextsAsync()).Count);
        var stranger = (await _database.AddAccountAsync("stranger@mailbox.test")).Id;
        await another.SendAsync(stranger, Held(9), Cancellation);
        Assert.Contains("To: stranger@mailbox.test", Assert.Single(await TextsAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task There_is_no_notice_about_a_notice_nor_to_an_account_that_is_gone()
    {
        await _notices.SendAsync(_owner, Held(1), Cancellation);
        var notice = Assert.Single(await _store.LeaseDueAsync(10, Cancellation));
        await _notices.SendAsync(_owner, Held(notice.Key.MessageId), Cancellation);
        await _notices.SendAsync(Guid.NewGuid(), Held(1), Cancellation);
        Assert.Empty(await _store.LeaseDueAsync(10, Cancellation));
    }

    [Fact]
    public async Task Where_the_owners_own_mailbox_fails_nobody_else_gets_the_notice()
    {
        await _database.AddVerifiedDomainAsync("alias.test", "owner@mailbox.test");
        await _database.AddAliasAsync("shop@alias.test", "else@mailbox.test");
        await _notices.SendAsync(_owner, new RecipientPausedNotice("Owner@mailbox.test", 5), Cancellation);
        Assert.Empty(await _store.LeaseDueAsync(10, Cancellation));
        await _notices.SendAsync(_owner, new RecipientPausedNotice("else@mailbox.test", 5), Cancellation);
        Assert.Equal("owner@mailbox.test", Assert.Single(await _store.LeaseDueAsync(10, Cancellation)).Recipient);
    }

    [Fact]
    public async Task A_store_that_cannot_write_is_no_failure_of_who_saw_something()
    {
        _database.Execute("ALTER TABLE message_parts RENAME TO gone");
        await _notices.SendAsync(_owner, Held(1), Cancellation);
        Assert.Equal(0, _database.Scalar("SELECT count(*) FROM messages"));
    }

    [Fact]
    public async Task The_header_of_the_message_is_attached_where_it_is_given()
    {
        await _notices.SendAsync(
            _owner, new ReplyRefusedNotice(null, "shop@alias.test", "jane@sender.test", "your mail server did not sign it") { HeaderExcerpt = "Subject: x\r\n\r\n"u8.ToArray() },
            Cancellation);
        Assert.Contains("text/rfc822-headers", Assert.Single(await TextsAsync()), StringComparison.Ordinal);
    }

    private static MessageHeldNotice Held(long id) => new(id, "shop@alias.test", "jane@sender.test", "its sender could not be verified");

    private NotifyOwner New() => new(
        _database.Contexts, _store,
        new CoreOptions
        {
            DataFolder = _database.Folder,
            HostName = "mx.test",
            Notices = new OwnerNoticeOptions { MostPerDay = 3, PublicUrl = new Uri("https://mail.test/base/") },
        },
        _database.Time, NullLogger<NotifyOwner>.Instance, new DueSignal());

    private async Task<List<string>> TextsAsync()
    {
        var texts = new List<string>();
        foreach (var due in (await _store.LeaseDueAsync(100, Cancellation)).OrderBy(d => d.Key.MessageId))
        {
            texts.Add(await TextAsync(due));
        }

        return texts;
    }

    private async Task<string> TextAsync(DueDelivery due) =>
        Encoding.UTF8.GetString((await _store.ReadPartAsync(due.Key.MessageId, 0, Cancellation))!);
}

public sealed class NotifyOwnerOnSqliteTests() : NotifyOwnerTests(DatabaseKind.Sqlite);

public sealed class NotifyOwnerOnPostgresTests() : NotifyOwnerTests(DatabaseKind.Postgres);
