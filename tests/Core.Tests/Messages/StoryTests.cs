using System.Text;
using Smtpy.Core.Aliases;
using Smtpy.Core.Messages;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Tests.Messages;

/// <summary>What an owner sees of a message and may do with it; a message may have deliveries of several accounts.</summary>
public abstract class StoryTests(DatabaseKind kind) : IAsyncLifetime
{
    private const string Octets = "Subject: Hello\r\n\r\nbody\r\n";
    private readonly StorageMetrics _metrics = new();
    private TestDatabase _database = null!;
    private IMessageStore _store = null!;
    private Guid _owner;
    private Guid _other;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(kind);
        _store = _database.CreateStore(_database.Time, _metrics);
        await _store.StartAsync(Cancellation);
        _owner = (await _database.AddAccountAsync("owner@mailbox.test")).Id;
        _other = (await _database.AddAccountAsync("other@mailbox.test")).Id;
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _metrics.Dispose();
        _database.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task The_story_has_every_attempt_once_with_its_reply_and_the_end()
    {
        var id = await StoreAsync(Mine(DeliveryState.Queued));
        await ReportAsync(id, DeliveryState.Queued, "450 4.2.0 greylisted", "mx1.test:25", "");
        await Again(id);
        await ReportAsync(id, DeliveryState.Failed, "550 5.1.1 nobody here", "mx2.test:25", "TLSv1.3");
        var story = Assert.Single((await ShowAsync(id, _owner)).Value!.Deliveries);
        Assert.Equal(
            [(1, "450 4.2.0 greylisted", "mx1.test:25", null), (2, "550 5.1.1 nobody here", "mx2.test:25", "TLSv1.3")],
            story.Attempts.Select(a => (a.Number, a.Reply, a.RemoteHost, a.Tls)));

        await RetryAsync(id, _owner);
        await LeaseAsync();
        await ReportAsync(id, DeliveryState.Delivered, "250 ok", "mx2.test:25", "TLSv1.3");
        story = Assert.Single((await ShowAsync(id, _owner)).Value!.Deliveries);
        Assert.Equal([1, 2, 3], story.Attempts.Select(a => a.Number));
        Assert.Equal(("250 ok", DeliveryState.Delivered), (story.Attempts[^1].Reply, story.Entry.State));
    }

    [Fact]
    public async Task A_wait_for_a_destination_that_is_left_alone_is_no_attempt_in_the_story()
    {
        var id = await StoreAsync(Mine(DeliveryState.Queued));
        await ReportAsync(id, DeliveryState.Queued, "451 4.4.1 connection refused", "mx1.test:25", "", tried: false);
        var story = Assert.Single((await ShowAsync(id, _owner)).Value!.Deliveries);
        Assert.Empty(story.Attempts);
        Assert.Equal((0, null, "451 4.4.1 connection refused"), (story.Entry.Attempts, story.Entry.LastAttemptAt, story.Entry.LastReply));

        await LeaseAsync();
        await ReportAsync(id, DeliveryState.Queued, "450 4.2.0 greylisted", "mx1.test:25", "TLSv1.3");
        await LeaseAsync();
        await ReportAsync(id, DeliveryState.Queued, "451 4.4.1 connection refused", "mx1.test:25", "", tried: false);
        story = Assert.Single((await ShowAsync(id, _owner)).Value!.Deliveries);
        Assert.Equal([(1, "450 4.2.0 greylisted", "TLSv1.3")], story.Attempts.Select(a => (a.Number, a.Reply, a.Tls)));
        Assert.Equal((1, "451 4.4.1 connection refused"), (story.Entry.Attempts, story.Entry.LastReply));

        await LeaseAsync();
        await ReportAsync(id, DeliveryState.Failed, "451 4.4.1 given up", "mx1.test:25", "", tried: false);
        story = Assert.Single((await ShowAsync(id, _owner)).Value!.Deliveries);
        Assert.Single(story.Attempts);
        Assert.Equal((DeliveryState.Failed, 1, "451 4.4.1 given up"), (story.Entry.State, story.Entry.Attempts, story.Entry.LastReply));
        Assert.NotNull(story.Entry.FinishedAt);
    }

    [Fact]
    public async Task The_story_has_connection_judgement_and_what_came_back()
    {
        var id = await StoreAsync(Mine(DeliveryState.Queued));
        await BounceAsync(id, 0, _owner);
        var message = (await ShowAsync(id, _owner)).Value!;
        Assert.Equal(("192.0.2.7", "mx.sender.test", "ESMTPS", "TLSv1.3 X"), (message.ClientAddress, message.Helo, message.Protocol, message.Tls));
        Assert.Equal(("bob@sender.test", "abc@sender.test"), (message.HeaderFrom, message.HeaderMessageId));
        Assert.Equal("""{"spf":{"result":"pass"}}""", message.Judgement);
        Assert.Equal("5.1.1", Assert.Single(Assert.Single(message.Deliveries).Bounces).Status);
        Assert.Equal([new HeaderField("Subject", "Hello")], message.HeaderFields);
    }

    [Fact]
    public async Task An_owner_sees_its_own_deliveries_and_a_message_of_others_is_unknown()
    {
        var id = await StoreAsync(Mine(DeliveryState.Queued), Theirs(1, DeliveryState.Queued));
        await BounceAsync(id, 1, _other);
        var story = Assert.Single((await ShowAsync(id, _owner)).Value!.Deliveries);
        Assert.Equal("jane@mail.test", story.Entry.Recipient);
        Assert.Empty(story.Bounces);
        Assert.Equal(2, (await ShowAsync(id, null)).Value!.Deliveries.Count);

        var theirs = await StoreAsync(Theirs(0, DeliveryState.Held));
        Assert.Equal(await ProblemAsync(theirs + 999), await ProblemAsync(theirs));
        Assert.Equal(ProblemKind.NotFound, (await RetryAsync(theirs, _owner)).Problem!.Kind);
        Assert.Equal(ProblemKind.NotFound, (await DropAsync(theirs, _owner)).Problem!.Kind);
        Assert.Equal(ProblemKind.NotFound, (await OpenAsync(theirs, _owner)).Problem!.Kind);
        Assert.Equal(DeliveryState.Held, (await ShowAsync(theirs, _other)).Value!.Deliveries[0].Entry.State);
    }

    [Fact]
    public async Task Release_and_drop_leave_what_is_of_others()
    {
        var id = await StoreAsync(Mine(DeliveryState.Held), Theirs(1, DeliveryState.Held));
        Assert.Equal(1, (await ReleaseAsync(id, _owner)).Value);
        Assert.Equal([DeliveryState.Queued, DeliveryState.Held], await StatesAsync(id));
        Assert.Equal("released; was held: spoofed", (await ShowAsync(id, _owner)).Value!.Deliveries[0].Entry.Reason);
        Assert.Equal(1, (await DropAsync(id, _owner)).Value);
        Assert.Equal([DeliveryState.Dropped, DeliveryState.Held], await StatesAsync(id));
        Assert.NotNull(await _store.ReadPartAsync(id, 0, Cancellation));
        Assert.Equal(1, (await DropAsync(id, _other)).Value);
        Assert.Null(await _store.ReadPartAsync(id, 0, Cancellation));
    }

    [Fact]
    public async Task Only_what_is_held_can_be_released()
    {
        var id = await StoreAsync(Mine(DeliveryState.Queued));
        await ReportAsync(id, DeliveryState.Failed, "550 no", "mx.test:25", "");
        var refused = await ReleaseAsync(id, _owner);
        Assert.Equal((ProblemKind.NotPossible, $"Nothing of message {id} is held: failed."), (refused.Problem!.Kind, refused.Problem.Message));
        Assert.Equal(1, (await RetryAsync(id, _owner)).Value);
    }

    [Fact]
    public async Task The_octets_can_be_read_by_who_has_a_delivery_that_still_needs_them()
    {
        var id = await StoreAsync(Mine(DeliveryState.Queued), Theirs(1, DeliveryState.Held));
        var content = (await OpenAsync(id, _owner)).Value!;
        Assert.Equal(Octets, Encoding.ASCII.GetString((await content.ReadPartAsync(0, Cancellation)).Span));
        await ReportAsync(id, DeliveryState.Delivered, "250 ok", "mx.test:25", "");

        // Another account's delivery keeps the octets; they are none of this one's business any more.
        Assert.Equal(ProblemKind.NotPossible, (await OpenAsync(id, _owner)).Problem!.Kind);
        Assert.Null((await ShowAsync(id, _owner)).Value!.HeaderFields);
        Assert.True((await OpenAsync(id, _other)).Succeeded);
        Assert.True((await OpenAsync(id, null)).Succeeded);
    }

    [Fact]
    public async Task Deliveries_are_listed_newest_first_page_by_page_and_by_what_is_asked()
    {
        var first = await StoreAsync(Mine(DeliveryState.Queued), Mine(DeliveryState.Held, 1), Theirs(2, DeliveryState.Queued));
        _database.Time.Advance(TimeSpan.FromHours(1));
        var second = await StoreAsync(Mine(DeliveryState.Held));
        var page = await ListAsync(new MessageQuery(PageSize: 2));
        Assert.Equal([new DeliveryKey(second, 0), new DeliveryKey(first, 0)], page.Items.Select(e => e.Key));
        page = await ListAsync(new MessageQuery(After: page.Next, PageSize: 2));
        Assert.Equal([new DeliveryKey(first, 1)], page.Items.Select(e => e.Key));
        Assert.Null(page.Next);

        Assert.Equal(2, (await ListAsync(new MessageQuery(DeliveryState.Held))).Items.Count);
        Assert.Empty((await ListAsync(new MessageQuery(Kind: DeliveryKind.Reply))).Items);
        Assert.Equal(3, (await ListAsync(new MessageQuery(AliasAddress: "SHOP@alias.test"))).Items.Count);
        Assert.Empty((await ListAsync(new MessageQuery(AliasAddress: "else@alias.test"))).Items);
        Assert.Empty((await ListAsync(new MessageQuery(AliasId: Guid.NewGuid()))).Items);
        Assert.Equal(second, Assert.Single((await ListAsync(new MessageQuery(Since: _database.Time.GetUtcNow()))).Items).Key.MessageId);
    }

    [Fact]
    public async Task Failed_and_held_deliveries_are_listed_with_what_belongs_to_them()
    {
        await StoreAsync(Mine(DeliveryState.Queued));
        var held = await StoreAsync(Theirs(0, DeliveryState.Held), Mine(DeliveryState.Held, 1));
        var list = new ListFailedDeliveries(_database.Contexts);
        var page = await list.RunAsync(_owner, null, 1, 10, Cancellation);
        Assert.Equal((1, new DeliveryKey(held, 1)), (page.Total, page.Items[0].Entry.Key));
        Assert.Empty((await list.RunAsync(_owner, false, 1, 10, Cancellation)).Items);
        Assert.True((await list.FindAsync(_owner, new DeliveryKey(held, 1), Cancellation)).Succeeded);
        Assert.Equal(ProblemKind.NotFound, (await list.FindAsync(_owner, new DeliveryKey(held, 0), Cancellation)).Problem!.Kind);
    }

    [Fact]
    public async Task Refusals_and_bounces_are_listed_by_account_and_all_of_them_for_the_operator()
    {
        var id = await StoreAsync(Mine(DeliveryState.Queued));
        await BounceAsync(id, 0, _owner);
        await _store.RecordRefusalAsync(Refusal(_owner), Cancellation);
        await _store.RecordRefusalAsync(Refusal(_other), Cancellation);
        await _store.RecordRefusalAsync(Refusal(null), Cancellation);
        var refusals = new ListRefusals(_database.Contexts);
        Assert.Equal(1, (await refusals.RunAsync(_owner, 1, 10, Cancellation)).Total);
        Assert.Equal(3, (await refusals.RunAsync(null, 1, 10, Cancellation)).Total);
        Assert.Empty((await refusals.RunAsync(null, int.MaxValue, 100, Cancellation)).Items);
        var bounces = new ListBounces(_database.Contexts);
        Assert.Equal(id, Assert.Single((await bounces.RunAsync(_owner, 1, 10, Cancellation)).Items).MessageId);
        Assert.Empty((await bounces.RunAsync(_other, 1, 10, Cancellation)).Items);
    }

    private NewDelivery Mine(DeliveryState state, int ordinal = 0) =>
        new(ordinal, _owner, null, "shop@alias.test", "jane@mail.test", state, Leased: true) { Reason = state is DeliveryState.Held ? "spoofed" : null };

    private NewDelivery Theirs(int ordinal, DeliveryState state) =>
        new(ordinal, _other, null, "bank@other.test", "joe@secret.test", state, Leased: true);

    private async Task<long> StoreAsync(params NewDelivery[] deliveries)
    {
        var octets = Encoding.ASCII.GetBytes(Octets);
        var id = await _store.NextMessageIdAsync(Cancellation);
        await _store.StoreAsync(
            new NewMessage(
                id, _database.Time.GetUtcNow(), "bob@sender.test", "192.0.2.7", "mx.sender.test", "ESMTPS", octets.Length, 0, octets, deliveries)
            {
                Tls = "TLSv1.3 X",
                Judgement = """{"spf":{"result":"pass"}}""",
                HeaderFrom = "bob@sender.test",
                HeaderMessageId = "abc@sender.test",
            },
            Cancellation);
        return id;
    }

    private Task ReportAsync(long id, DeliveryState state, string reply, string host, string tls, bool tried = true) => _store.RecordAsync(
        new DeliveryReport(
            new DeliveryKey(id, 0), state, _database.Time.GetUtcNow(), state is DeliveryState.Queued ? _database.Time.GetUtcNow() : null, reply, host)
        {
            Tls = tls,
            Tried = tried,
        },
        Cancellation);

    private async Task Again(long id)
    {
        Assert.Equal(1, (await RetryAsync(id, _owner)).Value);
        await LeaseAsync();
    }

    private async Task LeaseAsync() => Assert.NotEmpty(await _store.LeaseDueAsync(10, Cancellation));

    private async Task<List<DeliveryState>> StatesAsync(long id) => [.. (await ShowAsync(id, null)).Value!.Deliveries.Select(d => d.Entry.State)];

    private async Task<string> ProblemAsync(long id) => (await ShowAsync(id, _owner)).Problem!.ToString();

    private Task<Outcome<MessageDetails>> ShowAsync(long id, Guid? account) => new ShowMessage(_database.Contexts).RunAsync(id, account, Cancellation);

    private Task<DeliveryPage> ListAsync(MessageQuery query) => new ListMessages(_database.Contexts).RunAsync(_owner, query, Cancellation);

    private Task<Outcome<Smtpy.Mail.Messages.MessageContent>> OpenAsync(long id, Guid? account) =>
        new OpenMessage(_database.Contexts, _store).RunAsync(id, account, Cancellation);

    private Task<Outcome<int>> DropAsync(long id, Guid? account) =>
        new DropDelivery(_database.Contexts, _database.Time).RunAsync(id, null, account, Cancellation);

    private Task<Outcome<int>> RetryAsync(long id, Guid? account) => Retry.RunAsync(id, null, account, null, Cancellation);

    private Task<Outcome<int>> ReleaseAsync(long id, Guid? account) => Retry.RunAsync(id, null, account, [DeliveryState.Held], Cancellation);

    private RetryDelivery Retry => new(
        _database.Contexts, new AliasDirectory(_database.Version(TimeProvider.System), new AliasDirectoryOptions(), "mx.test"), _database.Time);

    private async Task BounceAsync(long id, int ordinal, Guid account)
    {
        await using var context = _database.Contexts.CreateDbContext();
        context.Bounces.Add(new Smtpy.Core.Storage.Model.BounceRow
        {
            Id = Guid.CreateVersion7(),
            At = _database.Time.GetUtcNow(),
            AccountId = account,
            MessageId = id,
            Ordinal = ordinal,
            ReportId = id + 1,
            Kind = BounceKind.Hard,
            AliasAddress = "shop@alias.test",
            Recipient = "jane@mail.test",
            Status = "5.1.1",
            Diagnostic = "nobody here",
            RemoteHost = "mx.test",
        });
        await context.SaveChangesAsync(Cancellation);
    }

    private Smtpy.Core.Storage.Model.RefusalRow Refusal(Guid? account) => new()
    {
        Id = Guid.CreateVersion7(),
        At = _database.Time.GetUtcNow(),
        AccountId = account,
        AliasAddress = "shop@alias.test",
        Sender = "spam@sender.test",
        ClientAddress = "192.0.2.7",
        Helo = "x",
        Reply = "550 5.7.1 blocked",
    };
}

public sealed class StoryOnSqliteTests() : StoryTests(DatabaseKind.Sqlite);

public sealed class StoryOnPostgresTests() : StoryTests(DatabaseKind.Postgres);
