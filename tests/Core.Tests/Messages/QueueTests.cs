using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Aliases;
using Smtpy.Core.Messages;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Tests.Messages;

/// <summary>The operator's use cases beside a store at work, as the command line has them beside the server.</summary>
public abstract class QueueTests(DatabaseKind kind) : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private readonly StorageMetrics _metrics = new();
    private IMessageStore _store = null!;
    private AliasDirectory _directory = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync(kind);
        _directory = new AliasDirectory(_database.Version(TimeProvider.System), new AliasDirectoryOptions(), "mx.test");
        _store = _database.CreateStore(_database.Time, _metrics);
        await _store.StartAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _metrics.Dispose();
        _database.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task The_queue_lists_what_waits_and_any_state_when_asked()
    {
        var queued = await StoreAsync(DeliveryState.Queued, leased: true);
        var held = await StoreAsync(DeliveryState.Held);
        var discarded = await StoreAsync(DeliveryState.Discarded);
        var list = new ListQueue(_database.Contexts);
        var waiting = await list.RunAsync(null, 0, 10, Cancellation);
        Assert.Equal([queued, held], waiting.Select(entry => entry.Key.MessageId));
        Assert.Equal([true, false], waiting.Select(entry => entry.UnderWay));
        Assert.Equal([held], (await list.RunAsync(null, 1, 10, Cancellation)).Select(entry => entry.Key.MessageId));
        Assert.Equal([discarded], (await list.RunAsync(DeliveryState.Discarded, 0, 10, Cancellation)).Select(entry => entry.Key.MessageId));
    }

    [Fact]
    public async Task A_message_is_shown_with_its_deliveries_and_header_fields_as_long_as_it_is_kept()
    {
        var id = await StoreAsync(DeliveryState.Queued, leased: true);
        var shown = (await new ShowMessage(_database.Contexts).RunAsync(id, null, Cancellation)).Value!;
        Assert.Equal([new HeaderField("Subject", "Hello there"), new HeaderField("To", "x")], shown.HeaderFields);
        Assert.Equal("bob@sender.test", shown.Sender);
        await ReportAsync(id, DeliveryState.Delivered);
        shown = (await new ShowMessage(_database.Contexts).RunAsync(id, null, Cancellation)).Value!;
        Assert.Null(shown.HeaderFields);
        Assert.Equal((DeliveryState.Delivered, "250 ok"), (shown.Deliveries[0].Entry.State, shown.Deliveries[0].Entry.LastReply));
        Assert.Equal(ProblemKind.NotFound, (await new ShowMessage(_database.Contexts).RunAsync(id + 99, null, Cancellation)).Problem!.Kind);
    }

    [Fact]
    public async Task A_failed_delivery_that_is_retried_is_due_at_once()
    {
        var id = await StoreAsync(DeliveryState.Queued, leased: true);
        await ReportAsync(id, DeliveryState.Failed);
        Assert.Equal(1, (await RetryAsync(id)).Value);
        Assert.Equal(id, Assert.Single(await _store.LeaseDueAsync(10, Cancellation)).Key.MessageId);
    }

    [Fact]
    public async Task A_deferred_delivery_can_be_hurried_but_not_one_that_is_under_way_or_over()
    {
        var id = await StoreAsync(DeliveryState.Queued, leased: true);
        var underWay = await RetryAsync(id);
        Assert.Contains("being delivered", underWay.Problem?.Message, StringComparison.Ordinal);
        await ReportAsync(id, DeliveryState.Queued, _database.Time.GetUtcNow() + TimeSpan.FromHours(1));
        Assert.Empty(await _store.LeaseDueAsync(10, Cancellation));
        Assert.Equal(1, (await RetryAsync(id)).Value);
        Assert.Single(await _store.LeaseDueAsync(10, Cancellation));
        await ReportAsync(id, DeliveryState.Delivered);
        Assert.Equal(ProblemKind.NotPossible, (await RetryAsync(id)).Problem!.Kind);
        Assert.Equal(ProblemKind.NotFound, (await RetryAsync(id + 99)).Problem!.Kind);
    }

    [Fact]
    public async Task What_was_held_for_want_of_a_recipient_goes_where_its_alias_points_now()
    {
        await _database.AddAccountAsync("owner@home.test");
        await _database.AddVerifiedDomainAsync("alias.test", "owner@home.test");
        var id = await StoreAsync(DeliveryState.Held);
        Assert.Equal(ProblemKind.NotPossible, (await RetryAsync(id)).Problem!.Kind);
        await _database.AddAliasAsync("shop@alias.test", "jane@mail.test", "joe@mail.test");
        Assert.Equal(2, (await RetryAsync(id)).Value);
        Assert.Equal(
            ["jane@mail.test", "joe@mail.test"],
            (await _store.LeaseDueAsync(10, Cancellation)).Select(due => due.Recipient).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_two_release_at_once_goes_to_each_recipient_once()
    {
        await _database.AddAccountAsync("owner@home.test");
        await _database.AddVerifiedDomainAsync("alias.test", "owner@home.test");
        await _database.AddAliasAsync("shop@alias.test", "jane@mail.test", "joe@mail.test");
        for (var i = 0; i < 20; i++)
        {
            await StoreAsync(DeliveryState.Held);
        }

        var released = await Task.WhenAll(RetryAllAsync(DeliveryState.Held), RetryAllAsync(DeliveryState.Held), RetryAllAsync(DeliveryState.Held));

        Assert.Equal(40, released.Sum(static r => r.Due));
        Assert.All(released, static r => Assert.Empty(r.Left));
        Assert.Equal(40, (await _store.LeaseDueAsync(100, Cancellation)).Select(due => (due.Key.MessageId, due.Recipient)).Distinct().Count());
        Assert.Empty(await _store.LeaseDueAsync(100, Cancellation));
    }

    [Fact]
    public async Task An_alias_without_a_recipient_does_not_keep_back_another_of_the_same_message()
    {
        await _database.AddAccountAsync("owner@home.test");
        await _database.AddVerifiedDomainAsync("alias.test", "owner@home.test");
        await _database.AddAliasAsync("shop@alias.test", "jane@mail.test");
        var id = await StoreAsync(DeliveryState.Held, alias: "nobody@alias.test", also: "shop@alias.test");

        var released = await RetryAllAsync(DeliveryState.Held);

        Assert.Equal(1, released.Due);
        Assert.Equal($"A part of message {id} still has no recipient.", Assert.Single(released.Left));
        Assert.Equal("jane@mail.test", Assert.Single(await _store.LeaseDueAsync(10, Cancellation)).Recipient);
    }

    [Fact]
    public async Task All_that_is_held_is_released_but_for_what_still_has_no_recipient()
    {
        await _database.AddAccountAsync("owner@home.test");
        await _database.AddVerifiedDomainAsync("alias.test", "owner@home.test");
        await _database.AddAliasAsync("shop@alias.test", "jane@mail.test");
        var shop = new[] { await StoreAsync(DeliveryState.Held), await StoreAsync(DeliveryState.Held) };
        var nobody = await StoreAsync(DeliveryState.Held, alias: "nobody@alias.test");
        var last = await StoreAsync(DeliveryState.Held);
        var queued = await StoreAsync(DeliveryState.Queued, leased: true);
        await ReportAsync(queued, DeliveryState.Queued, _database.Time.GetUtcNow() + TimeSpan.FromHours(1));

        var released = await RetryAllAsync(DeliveryState.Held);

        Assert.Equal(3, released.Due);
        Assert.Equal($"nobody@alias.test still has no recipient for message {nobody}; give it one first.", Assert.Single(released.Left));
        Assert.Equal([.. shop, last], (await _store.LeaseDueAsync(10, Cancellation)).Select(due => due.Key.MessageId).Order());
        Assert.Equal([nobody], (await new ListQueue(_database.Contexts).RunAsync(DeliveryState.Held, 0, 10, Cancellation)).Select(e => e.Key.MessageId));
    }

    [Fact]
    public async Task All_that_waits_or_failed_is_due_now_and_what_is_under_way_or_over_is_let_be()
    {
        var deferred = await StoreAsync(DeliveryState.Queued, leased: true);
        await ReportAsync(deferred, DeliveryState.Queued, _database.Time.GetUtcNow() + TimeSpan.FromHours(1));
        await StoreAsync(DeliveryState.Queued, leased: true);
        var over = await StoreAsync(DeliveryState.Queued, leased: true);
        await ReportAsync(over, DeliveryState.Delivered);
        var failed = await StoreAsync(DeliveryState.Queued, leased: true);
        await ReportAsync(failed, DeliveryState.Failed);
        await StoreAsync(DeliveryState.Held);

        var hurried = await RetryAllAsync(DeliveryState.Queued, DeliveryState.Failed);

        Assert.Equal(2, hurried.Due);
        Assert.Empty(hurried.Left);
        Assert.Equal([deferred, failed], (await _store.LeaseDueAsync(10, Cancellation)).Select(due => due.Key.MessageId).Order());
        Assert.Equal(0, (await RetryAllAsync(DeliveryState.Failed)).Due);
    }

    [Fact]
    public async Task What_was_held_for_one_account_never_goes_where_anothers_alias_points()
    {
        var former = await _database.AddAccountAsync("former@home.test");
        await _database.AddAccountAsync("owner@home.test");
        await _database.AddVerifiedDomainAsync("alias.test", "owner@home.test");
        await _database.AddAliasAsync("shop@alias.test", "jane@mail.test", "joe@mail.test");
        var id = await StoreAsync(DeliveryState.Held, account: former.Id);
        Assert.Contains("still has no recipient", (await RetryAsync(id)).Problem?.Message, StringComparison.Ordinal);
        await using var context = _database.Contexts.CreateDbContext();
        Assert.Equal("", (await context.Deliveries.SingleAsync(d => d.MessageId == id, Cancellation)).Recipient);
    }

    [Fact]
    public async Task A_failed_delivery_whose_octets_are_gone_cannot_be_retried()
    {
        var id = await StoreAsync(DeliveryState.Queued, leased: true);
        await ReportAsync(id, DeliveryState.Failed);
        _database.Time.Advance(TimeSpan.FromDays(2));
        await _store.PurgeAsync(new RetentionPolicy(TimeSpan.FromDays(30), TimeSpan.FromDays(1), 10), Cancellation);
        Assert.Contains("no longer stored", (await RetryAsync(id)).Problem?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dropped_delivery_is_gone_with_its_octets_and_a_late_report_does_not_bring_it_back()
    {
        var id = await StoreAsync(DeliveryState.Queued, leased: true);
        var drop = new DropDelivery(_database.Contexts, _database.Time);
        Assert.Equal(1, (await drop.RunAsync(id, null, null, Cancellation)).Value);
        await ReportAsync(id, DeliveryState.Queued, _database.Time.GetUtcNow());
        Assert.Empty(await _store.LeaseDueAsync(10, Cancellation));
        Assert.Null(await _store.ReadPartAsync(id, 0, Cancellation));
        Assert.Contains("dropped", (await drop.RunAsync(id, null, null, Cancellation)).Problem?.Message, StringComparison.Ordinal);
        Assert.Equal(ProblemKind.NotFound, (await drop.RunAsync(id, 7, null, Cancellation)).Problem!.Kind);
    }

    [Fact]
    public async Task Captured_messages_are_listed_newest_first_and_read_as_they_would_have_been_sent()
    {
        var first = await CaptureAsync();
        _database.Time.Advance(TimeSpan.FromSeconds(1));
        var second = await CaptureAsync();
        var mailbox = new CaptureMailbox(_database.Contexts, _store);
        Assert.Equal(2, await mailbox.CountAsync(Cancellation));
        Assert.Equal([second, first], (await mailbox.ListAsync(0, 10, Cancellation)).Select(captured => captured.Key.MessageId));
        Assert.Equal([first], (await mailbox.ListAsync(1, 10, Cancellation)).Select(captured => captured.Key.MessageId));
        var found = await mailbox.FindAsync(new DeliveryKey(first, 0), Cancellation);
        Assert.Equal(("srs@alias.test", "shop@alias.test", "jane@mail.test"), (found?.ReturnPath, found?.AliasAddress, found?.Recipient));

        var content = await mailbox.OpenAsync(new DeliveryKey(first, 0), Cancellation);
        var text = "";
        for (var part = 0; part < content!.PartCount; part++)
        {
            text += System.Text.Encoding.ASCII.GetString((await content.ReadPartAsync(part, Cancellation)).Span);
        }

        Assert.Equal("Received: by us\r\nSubject: Hello\r\n there\r\nTo: x\r\n\r\nbody\r\n", text);
        Assert.Equal((text.Length, text.Length), (content.Length, found!.Size));
        Assert.Null(await mailbox.OpenAsync(new DeliveryKey(first, 9), Cancellation));
        Assert.Null(await mailbox.FindAsync(new DeliveryKey(first, 9), Cancellation));
    }

    private Task<Outcome<int>> RetryAsync(long id) =>
        new RetryDelivery(_database.Contexts, _directory, _database.Time).RunAsync(id, null, null, null, Cancellation);

    private Task<RetriedAll> RetryAllAsync(params DeliveryState[] states) =>
        new RetryAll(_database.Contexts, new RetryDelivery(_database.Contexts, _directory, _database.Time)).RunAsync(states, Cancellation);

    private async Task<long> CaptureAsync()
    {
        var id = await StoreAsync(DeliveryState.Queued, leased: true);
        await ReportAsync(id, DeliveryState.Captured, null, new CapturedEnvelope("srs@alias.test", "Received: by us\r\n"u8.ToArray()));
        return id;
    }

    private Task ReportAsync(long id, DeliveryState state, DateTimeOffset? next = null, CapturedEnvelope? capture = null) =>
        _store.RecordAsync(
            new DeliveryReport(new DeliveryKey(id, 0), state, _database.Time.GetUtcNow(), next, "250 ok", "mx:25", capture), Cancellation);

    private async Task<long> StoreAsync(DeliveryState state, bool leased = false, Guid? account = null, string alias = "shop@alias.test", string? also = null)
    {
        var octets = "Subject: Hello\r\n there\r\nTo: x\r\n\r\nbody\r\n"u8.ToArray();
        var id = await _store.NextMessageIdAsync(Cancellation);
        var recipient = state is DeliveryState.Queued ? "jane@mail.test" : "";
        await _store.StoreAsync(
            new NewMessage(id, _database.Time.GetUtcNow(), "bob@sender.test", "192.0.2.7", "mx", "ESMTP", octets.Length, 0, octets,
                [new NewDelivery(0, account, null, alias, recipient, state, leased), .. also is null ? [] : new[] { new NewDelivery(1, account, null, also, recipient, state, leased) }]),
            Cancellation);
        return id;
    }
}

public sealed class QueueOnSqliteTests() : QueueTests(DatabaseKind.Sqlite);

public sealed class QueueOnPostgresTests() : QueueTests(DatabaseKind.Postgres);
