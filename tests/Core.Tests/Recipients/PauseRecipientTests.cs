using Smtpy.Core.Accounts;
using Smtpy.Core.Messages;
using Smtpy.Core.Recipients;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;

namespace Smtpy.Core.Tests.Recipients;

/// <summary>A mailbox that refuses too often is paused; one that has taken mail since is not.</summary>
public abstract class PauseRecipientTests(DatabaseKind kind) : IAsyncLifetime, IOwnerNotices
{
    private const string Mailbox = "Me@mailbox.test";
    private readonly List<OwnerNotice> _notices = [];
    private TestDatabase _database = null!;
    private PauseRecipient _pause = null!;
    private Guid _owner;
    private long _messages;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(kind);
        _owner = (await _database.AddAccountAsync("owner@mailbox.test")).Id;
        await _database.AddVerifiedDomainAsync("alias.test", "owner@mailbox.test");
        await _database.AddAliasAsync("shop@alias.test", Mailbox);
        _pause = new PauseRecipient(_database.Contexts, this, new BounceOptions(), _database.Time);
    }

    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Three_messages_in_a_day_pause_and_the_owner_is_told_once()
    {
        await BounceAsync(2);
        Assert.False(await RunAsync());
        await BounceAsync(1);
        Assert.True(await RunAsync());
        Assert.False(await RunAsync());
        Assert.Equal(new RecipientPausedNotice(Mailbox, 3), Assert.Single(_notices));
    }

    [Fact]
    public async Task Five_messages_in_a_week_pause()
    {
        for (var i = 0; i < 5; i++)
        {
            Assert.False(await RunAsync());
            await BounceAsync(1);
            _database.Time.Advance(TimeSpan.FromHours(25));
        }

        Assert.True(await RunAsync());
    }

    [Fact]
    public async Task Five_messages_in_a_longer_time_do_not()
    {
        for (var i = 0; i < 5; i++)
        {
            await BounceAsync(1);
            _database.Time.Advance(TimeSpan.FromDays(2));
        }

        Assert.False(await RunAsync());
    }

    [Fact]
    public async Task Several_bounces_of_one_message_are_one()
    {
        await BounceAsync(1);
        var again = _messages;
        await BounceAsync(again, BounceKind.Hard, 1);
        await BounceAsync(again, BounceKind.Hard, 2);
        Assert.False(await RunAsync());
    }

    [Theory]
    [InlineData(BounceKind.Soft)]
    [InlineData(BounceKind.Blocked)]
    [InlineData(BounceKind.Complaint)]
    [InlineData(BounceKind.AutoReply)]
    [InlineData(BounceKind.Unknown)]
    public async Task Only_what_says_that_the_mailbox_is_gone_counts(BounceKind soft)
    {
        for (var i = 0; i < 10; i++)
        {
            await BounceAsync(++_messages, soft, 0);
        }

        Assert.False(await RunAsync());
    }

    [Fact]
    public async Task What_the_mailbox_took_since_begins_the_count_anew()
    {
        await BounceAsync(2);
        _database.Time.Advance(TimeSpan.FromMinutes(1));
        await DeliveredAsync();
        _database.Time.Advance(TimeSpan.FromHours(2));
        await BounceAsync(2);
        Assert.False(await RunAsync());
        await BounceAsync(1);
        Assert.True(await RunAsync());
    }

    [Fact]
    public async Task A_message_that_was_taken_and_came_back_was_not_delivered()
    {
        await BounceAsync(2);
        _database.Time.Advance(TimeSpan.FromMinutes(1));
        await DeliveredAsync();
        await BounceAsync(_messages, BounceKind.Hard, 0);
        _database.Time.Advance(TimeSpan.FromHours(2));
        Assert.True(await RunAsync());
    }

    [Fact]
    public async Task An_address_that_is_no_mailbox_of_the_account_cannot_be_paused()
    {
        await BounceAsync(5);
        Assert.False(await _pause.RunAsync(Guid.NewGuid(), Mailbox, Cancellation));
        Assert.False(await _pause.RunAsync(_owner, "owner@mailbox.test", Cancellation));
        Assert.Empty(_notices);
    }

    [Fact]
    public async Task A_database_that_cannot_be_read_is_said_to_be_so()
    {
        _database.Execute("ALTER TABLE bounces RENAME TO gone");
        await Assert.ThrowsAsync<StorageException>(() => _pause.RunAsync(_owner, Mailbox, Cancellation));
    }

    public ValueTask SendAsync(Guid accountId, OwnerNotice notice, CancellationToken cancellationToken)
    {
        Assert.Equal(_owner, accountId);
        _notices.Add(notice);
        return ValueTask.CompletedTask;
    }

    private Task<bool> RunAsync() => _pause.RunAsync(_owner, Mailbox, Cancellation);

    private async Task BounceAsync(int messages)
    {
        for (var i = 0; i < messages; i++)
        {
            await BounceAsync(++_messages, BounceKind.Hard, 0);
        }
    }

    private async Task BounceAsync(long message, BounceKind bounce, int ordinal)
    {
        await using var context = _database.Contexts.CreateDbContext();
        context.Bounces.Add(new BounceRow
        {
            Id = Guid.NewGuid(),
            At = _database.Time.GetUtcNow(),
            AccountId = _owner,
            MessageId = message,
            Ordinal = ordinal,
            Kind = bounce,
            AliasAddress = "shop@alias.test",
            Recipient = Mailbox,
            Status = "",
            Diagnostic = "",
            RemoteHost = "",
        });
        await context.SaveChangesAsync(Cancellation);
    }

    private async Task DeliveredAsync()
    {
        await using var context = _database.Contexts.CreateDbContext();
        context.Deliveries.Add(new DeliveryRow
        {
            MessageId = ++_messages,
            AccountId = _owner,
            AliasAddress = "shop@alias.test",
            Recipient = Mailbox,
            State = DeliveryState.Delivered,
            FinishedAt = _database.Time.GetUtcNow(),
        });
        await context.SaveChangesAsync(Cancellation);
    }
}

public sealed class PauseRecipientOnSqliteTests() : PauseRecipientTests(DatabaseKind.Sqlite);

public sealed class PauseRecipientOnPostgresTests() : PauseRecipientTests(DatabaseKind.Postgres);
