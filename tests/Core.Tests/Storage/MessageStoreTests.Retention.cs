using Smtpy.Core.Storage;

namespace Smtpy.Core.Tests.Storage;

/// <summary>What is kept, and for how long.</summary>
public abstract partial class MessageStoreTests
{
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
}
