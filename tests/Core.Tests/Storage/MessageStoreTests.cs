using Smtpy.Core.Storage;

namespace Smtpy.Core.Tests.Storage;

/// <summary>What every message store must do, whatever database it is on.</summary>
public abstract class MessageStoreTests : IAsyncLifetime
{
    protected static readonly RetentionPolicy KeepEverything = new(TimeSpan.FromDays(3650), TimeSpan.FromDays(3650), int.MaxValue);

    protected ManualTime Time { get; } = new();

    protected IMessageStore Store { get; private set; } = null!;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await PrepareAsync();
        Store = await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await CleanUpAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Makes an empty, migrated database.</summary>
    protected abstract Task PrepareAsync();

    /// <summary>A store on it, started, with the clock <see cref="Time"/>.</summary>
    protected abstract Task<IMessageStore> StartAsync();

    protected abstract Task CleanUpAsync();

    /// <summary>The process ends in order, and another begins.</summary>
    protected async Task RestartAsync()
    {
        await Store.DisposeAsync();
        Store = await StartAsync();
    }

    protected static NewDelivery Queued(int ordinal, bool leased = false) => new(
        ordinal, Guid.CreateVersion7(), Guid.CreateVersion7(), "shop@alias.test", $"jane{ordinal}@mail.test", DeliveryState.Queued, leased);

    protected NewMessage Message(long id, byte[] octets, params NewDelivery[] deliveries) => new(
        id, Time.GetUtcNow(), "bob@sender.test", "192.0.2.7", "mx.sender.test", "ESMTP", octets.Length, 0, octets, deliveries);

    protected async Task<long> StoreAsync(byte[] octets, params NewDelivery[] deliveries)
    {
        var id = await Store.NextMessageIdAsync(Cancellation);
        await Store.StoreAsync(Message(id, octets, deliveries), Cancellation);
        return id;
    }

    protected Task ReportAsync(long id, int ordinal, DeliveryState state, DateTimeOffset? next = null, CapturedEnvelope? capture = null) =>
        Store.RecordAsync(new DeliveryReport(new DeliveryKey(id, ordinal), state, Time.GetUtcNow(), next, "250 ok", "mx:25", capture), Cancellation);

    [Fact]
    public async Task Message_ids_rise_and_go_on_rising_after_a_restart()
    {
        var ids = new List<long>();
        for (var i = 0; i < 2500; i++)
        {
            ids.Add(await Store.NextMessageIdAsync(Cancellation));
        }

        await RestartAsync();
        ids.Add(await Store.NextMessageIdAsync(Cancellation));
        Assert.True(ids[0] > 0);
        Assert.Equal(ids.Distinct().Order(), ids);
    }

    [Fact]
    public async Task Message_ids_are_unique_among_parallel_callers()
    {
        var taken = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () =>
        {
            var ids = new List<long>();
            for (var i = 0; i < 500; i++)
            {
                ids.Add(await Store.NextMessageIdAsync(Cancellation));
            }

            return ids;
        }, Cancellation)));
        Assert.Equal(10_000, taken.SelectMany(ids => ids).Distinct().Count());
    }

    [Fact]
    public async Task A_stored_message_is_due_for_the_next_process_with_all_its_octets()
    {
        byte[] octets = [0, 1, 2, 254, 255, 13, 10];
        var received = Time.GetUtcNow();
        var id = await StoreAsync(octets, Queued(0), Queued(1, leased: true));
        await RestartAsync();
        var due = await Store.LeaseDueAsync(10, Cancellation);
        Assert.Equal(
            [
                new DueDelivery(new DeliveryKey(id, 0), "bob@sender.test", "shop@alias.test", "jane0@mail.test", 7, 1, 0, received),
                new DueDelivery(new DeliveryKey(id, 1), "bob@sender.test", "shop@alias.test", "jane1@mail.test", 7, 1, 0, received),
            ],
            due);
        Assert.Equal(octets, await Store.ReadPartAsync(id, 0, Cancellation));
        Assert.Null(await Store.ReadPartAsync(id, 1, Cancellation));
    }

    [Fact]
    public async Task An_empty_message_has_one_empty_part()
    {
        var id = await StoreAsync([], Queued(0));
        Assert.Equal(Array.Empty<byte>(), await Store.ReadPartAsync(id, 0, Cancellation));
    }

    [Fact]
    public async Task A_large_message_is_its_parts_in_order()
    {
        var id = await Store.NextMessageIdAsync(Cancellation);
        await Store.AppendPartAsync(id, 0, "first"u8.ToArray(), Cancellation);
        await Store.AppendPartAsync(id, 1, "second"u8.ToArray(), Cancellation);
        await Store.StoreAsync(Message(id, "last"u8.ToArray(), Queued(0)) with { LastPartNumber = 2, Size = 15 }, Cancellation);
        var due = Assert.Single(await Store.LeaseDueAsync(10, Cancellation));
        Assert.Equal((3, 15L), (due.PartCount, due.Size));
        Assert.Equal("first"u8.ToArray(), await Store.ReadPartAsync(id, 0, Cancellation));
        Assert.Equal("second"u8.ToArray(), await Store.ReadPartAsync(id, 1, Cancellation));
        Assert.Equal("last"u8.ToArray(), await Store.ReadPartAsync(id, 2, Cancellation));
    }

    [Fact]
    public async Task Abandoned_parts_are_gone_but_a_stored_message_cannot_be_abandoned()
    {
        var abandoned = await Store.NextMessageIdAsync(Cancellation);
        await Store.AppendPartAsync(abandoned, 0, "x"u8.ToArray(), Cancellation);
        await Store.AbandonAsync(abandoned, Cancellation);
        Assert.Null(await Store.ReadPartAsync(abandoned, 0, Cancellation));

        var stored = await StoreAsync("y"u8.ToArray(), Queued(0));
        await Store.AbandonAsync(stored, Cancellation);
        Assert.NotNull(await Store.ReadPartAsync(stored, 0, Cancellation));
    }

    [Fact]
    public async Task Due_deliveries_come_oldest_first_up_to_the_limit_and_only_once()
    {
        var ids = new List<long>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add(await StoreAsync([1], Queued(0)));
            Time.Advance(TimeSpan.FromSeconds(1));
        }

        var first = await Store.LeaseDueAsync(3, Cancellation);
        var second = await Store.LeaseDueAsync(3, Cancellation);
        Assert.Equal(ids.Take(3), first.Select(due => due.Key.MessageId));
        Assert.Equal(ids.Skip(3), second.Select(due => due.Key.MessageId));
        Assert.Empty(await Store.LeaseDueAsync(3, Cancellation));
    }

    [Fact]
    public async Task A_deferred_delivery_is_due_again_at_its_time_with_its_attempts_counted()
    {
        var id = await StoreAsync([1], Queued(0, leased: true));
        await ReportAsync(id, 0, DeliveryState.Queued, Time.GetUtcNow() + TimeSpan.FromMinutes(5));
        Assert.Empty(await Store.LeaseDueAsync(10, Cancellation));
        Time.Advance(TimeSpan.FromMinutes(5));
        await Store.RenewLeaseAsync(Cancellation);
        var due = Assert.Single(await Store.LeaseDueAsync(10, Cancellation));
        Assert.Equal(1, due.Attempts);
    }

    [Fact]
    public async Task The_octets_go_with_the_last_delivery_that_needs_them()
    {
        var id = await StoreAsync([1, 2, 3], Queued(0, leased: true), Queued(1, leased: true), Queued(2, leased: true));
        await ReportAsync(id, 0, DeliveryState.Delivered);
        await ReportAsync(id, 1, DeliveryState.Queued, Time.GetUtcNow());
        await ReportAsync(id, 2, DeliveryState.Delivered);
        Assert.NotNull(await Store.ReadPartAsync(id, 0, Cancellation));
        Assert.Single(await Store.LeaseDueAsync(10, Cancellation));
        await ReportAsync(id, 1, DeliveryState.Delivered);
        Assert.Null(await Store.ReadPartAsync(id, 0, Cancellation));
    }

    [Theory]
    [InlineData(DeliveryState.Failed, true)]
    [InlineData(DeliveryState.Captured, true)]
    [InlineData(DeliveryState.Delivered, false)]
    public async Task A_finished_delivery_keeps_the_octets_only_where_they_are_of_use(DeliveryState state, bool keeps)
    {
        var id = await StoreAsync([1], Queued(0, leased: true));
        await ReportAsync(id, 0, state, capture: state is DeliveryState.Captured ? new CapturedEnvelope("srs@alias.test", new byte[] { 9 }) : null);
        Assert.Equal(keeps, await Store.ReadPartAsync(id, 0, Cancellation) is not null);
        await RestartAsync();
        Assert.Empty(await Store.LeaseDueAsync(10, Cancellation));
    }

    [Fact]
    public async Task A_message_for_nobody_keeps_no_octets_and_a_held_one_does()
    {
        var discarded = await Store.NextMessageIdAsync(Cancellation);
        await Store.AppendPartAsync(discarded, 0, new byte[] { 1 }, Cancellation);
        var nowhere = new NewDelivery(0, null, null, "off@alias.test", "", DeliveryState.Discarded, false);
        await Store.StoreAsync(Message(discarded, [2], nowhere) with { LastPartNumber = 1, Size = 2 }, Cancellation);
        var held = await StoreAsync([3], nowhere with { State = DeliveryState.Held });
        Assert.Null(await Store.ReadPartAsync(discarded, 0, Cancellation));
        Assert.Null(await Store.ReadPartAsync(discarded, 1, Cancellation));
        Assert.NotNull(await Store.ReadPartAsync(held, 0, Cancellation));
        Assert.Empty(await Store.LeaseDueAsync(10, Cancellation));
        Assert.Equal(1, (await Store.MeasureQueueAsync(Cancellation)).Held);
    }

    [Fact]
    public async Task A_report_on_a_delivery_that_is_not_held_changes_nothing()
    {
        var id = await StoreAsync([1], Queued(0));
        await ReportAsync(id, 0, DeliveryState.Delivered);
        var due = Assert.Single(await Store.LeaseDueAsync(10, Cancellation));
        Assert.Equal(0, due.Attempts);
        Assert.NotNull(await Store.ReadPartAsync(id, 0, Cancellation));
    }

    [Fact]
    public async Task What_is_given_back_is_due_at_once_and_untried()
    {
        await StoreAsync([1], Queued(0, leased: true), Queued(1, leased: true));
        Assert.Empty(await Store.LeaseDueAsync(10, Cancellation));
        var id = (await Store.NextMessageIdAsync(Cancellation)) - 1;
        await Store.GiveBackAsync([new DeliveryKey(id, 1)], Cancellation);
        var due = Assert.Single(await Store.LeaseDueAsync(10, Cancellation));
        Assert.Equal((new DeliveryKey(id, 1), 0), (due.Key, due.Attempts));
    }

    [Fact]
    public async Task A_lease_renewed_in_time_holds_and_an_expired_one_frees_its_deliveries()
    {
        var id = await StoreAsync([1], Queued(0, leased: true));
        Time.Advance(TimeSpan.FromSeconds(59));
        Assert.True(await Store.RenewLeaseAsync(Cancellation));
        Time.Advance(TimeSpan.FromSeconds(59));
        Assert.True(await Store.RenewLeaseAsync(Cancellation));
        Assert.Empty(await Store.LeaseDueAsync(10, Cancellation));

        Time.Advance(TimeSpan.FromSeconds(61));
        Assert.False(await Store.RenewLeaseAsync(Cancellation));
        await ReportAsync(id, 0, DeliveryState.Delivered);
        Assert.Equal(id, Assert.Single(await Store.LeaseDueAsync(10, Cancellation)).Key.MessageId);
        Assert.True(await Store.RenewLeaseAsync(Cancellation));
    }

    [Fact]
    public async Task The_queue_is_measured_by_state_and_age()
    {
        Assert.Equal(new QueueDepth(0, 0, 0, null), await Store.MeasureQueueAsync(Cancellation));
        var oldest = Time.GetUtcNow();
        await StoreAsync([1], Queued(0), Queued(1));
        Time.Advance(TimeSpan.FromMinutes(1));
        var failed = await StoreAsync([1], Queued(0, leased: true));
        await ReportAsync(failed, 0, DeliveryState.Failed);
        Assert.Equal(new QueueDepth(2, 1, 0, oldest), await Store.MeasureQueueAsync(Cancellation));
    }

    [Fact]
    public async Task An_impossible_write_fails_alone()
    {
        var taken = await StoreAsync([1], Queued(0));
        var writes = Enumerable.Range(0, 50).Select(async i =>
        {
            var id = i == 25 ? taken : await Store.NextMessageIdAsync(Cancellation);
            await Store.StoreAsync(Message(id, [1], Queued(0)), Cancellation);
        }).ToList();
        for (var i = 0; i < writes.Count; i++)
        {
            if (i == 25)
            {
                await Assert.ThrowsAsync<StorageException>(() => writes[i]);
            }
            else
            {
                await writes[i];
            }
        }

        Assert.True(Store.IsWritable);
        Assert.Equal(50, (await Store.MeasureQueueAsync(Cancellation)).Queued);
    }

    [Fact]
    public async Task A_caller_that_gave_up_before_the_write_stores_nothing()
    {
        var id = await Store.NextMessageIdAsync(Cancellation);
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.StoreAsync(Message(id, [1], Queued(0)), gone.Token));
        Assert.Equal(0, (await Store.MeasureQueueAsync(Cancellation)).Queued);
    }

    [Fact]
    public async Task Everything_queued_before_the_end_is_stored()
    {
        var ids = new List<long>();
        for (var i = 0; i < 500; i++)
        {
            ids.Add(await Store.NextMessageIdAsync(Cancellation));
        }

        var writes = ids.Select(id => Store.StoreAsync(Message(id, [1], Queued(0)), Cancellation)).ToList();
        await RestartAsync();
        await Task.WhenAll(writes);
        Assert.Equal(500, (await Store.MeasureQueueAsync(Cancellation)).Queued);
    }

    [Fact]
    public async Task Purging_keeps_what_is_young_waiting_or_held()
    {
        var delivered = await StoreAsync([1], Queued(0, leased: true));
        await ReportAsync(delivered, 0, DeliveryState.Delivered);
        await StoreAsync([1], Queued(0));
        await StoreAsync([1], new NewDelivery(0, null, null, "a@alias.test", "", DeliveryState.Held, false));
        Time.Advance(TimeSpan.FromDays(2));
        var young = await StoreAsync([1], Queued(0));
        Assert.Equal(0, await Store.PurgeAsync(KeepEverything, Cancellation));
        Assert.Equal(1, await Store.PurgeAsync(KeepEverything with { Metadata = TimeSpan.FromDays(1) }, Cancellation));
        Assert.Equal((2L, 1L), ((await Store.MeasureQueueAsync(Cancellation)).Queued, (await Store.MeasureQueueAsync(Cancellation)).Held));
        Assert.NotNull(await Store.ReadPartAsync(young, 0, Cancellation));
    }

    [Fact]
    public async Task Purging_takes_any_number_of_messages()
    {
        for (var i = 0; i < 350; i++)
        {
            var id = await StoreAsync([1], Queued(0, leased: true));
            await ReportAsync(id, 0, DeliveryState.Failed);
        }

        Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(350, await Store.PurgeAsync(KeepEverything with { Metadata = TimeSpan.FromDays(1) }, Cancellation));
        Assert.Equal(new QueueDepth(0, 0, 0, null), await Store.MeasureQueueAsync(Cancellation));
    }

    [Fact]
    public async Task Octets_of_what_failed_or_was_held_too_long_ago_go_and_the_owner_still_sees_it_failed()
    {
        var failed = await StoreAsync([1], Queued(0, leased: true));
        await ReportAsync(failed, 0, DeliveryState.Failed);
        var held = await StoreAsync([1], new NewDelivery(0, null, null, "a@alias.test", "", DeliveryState.Held, false));
        var mixed = await StoreAsync([1], Queued(0, leased: true), Queued(1));
        await ReportAsync(mixed, 0, DeliveryState.Failed);
        Time.Advance(TimeSpan.FromDays(2));
        await Store.PurgeAsync(KeepEverything with { FailedContent = TimeSpan.FromDays(1) }, Cancellation);
        Assert.Null(await Store.ReadPartAsync(failed, 0, Cancellation));
        Assert.Null(await Store.ReadPartAsync(held, 0, Cancellation));
        Assert.NotNull(await Store.ReadPartAsync(mixed, 0, Cancellation));
        var depth = await Store.MeasureQueueAsync(Cancellation);
        Assert.Equal((3L, 0L), (depth.Failed, depth.Held));
    }

    [Fact]
    public async Task Only_the_newest_captured_messages_stay()
    {
        var ids = new List<long>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add(await StoreAsync([1], Queued(0, leased: true)));
            await ReportAsync(ids[i], 0, DeliveryState.Captured, capture: new CapturedEnvelope("", new byte[] { 1 }));
            Time.Advance(TimeSpan.FromSeconds(1));
        }

        await Store.PurgeAsync(KeepEverything with { CapturedMessages = 2 }, Cancellation);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(i >= 3, await Store.ReadPartAsync(ids[i], 0, Cancellation) is not null);
        }
    }

    [Fact]
    public async Task Old_parts_without_a_message_are_removed_unless_they_are_still_coming_in()
    {
        var dead = await Store.NextMessageIdAsync(Cancellation);
        await Store.AppendPartAsync(dead, 0, new byte[] { 1 }, Cancellation);
        await RestartAsync();
        var young = await Store.NextMessageIdAsync(Cancellation);
        Time.Advance(TimeSpan.FromDays(2));
        await Store.AppendPartAsync(young, 0, new byte[] { 1 }, Cancellation);
        Assert.Equal(0, await Store.PurgeAsync(KeepEverything, Cancellation));
        Assert.Null(await Store.ReadPartAsync(dead, 0, Cancellation));
        Time.Advance(TimeSpan.FromDays(2));
        await Store.PurgeAsync(KeepEverything, Cancellation);
        Assert.NotNull(await Store.ReadPartAsync(young, 0, Cancellation));
    }

    [Fact]
    public async Task Parallel_callers_all_find_their_messages_stored()
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 20; i++)
            {
                await StoreAsync([1, 2, 3], Queued(0));
            }
        }, Cancellation)));
        await RestartAsync();
        Assert.Equal(1000, (await Store.MeasureQueueAsync(Cancellation)).Queued);
        Assert.Equal(1000, (await Store.LeaseDueAsync(2000, Cancellation)).Count);
    }
}
