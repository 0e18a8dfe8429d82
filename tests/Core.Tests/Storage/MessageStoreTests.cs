using Smtpy.Core.Storage;

namespace Smtpy.Core.Tests.Storage;

/// <summary>What every message store must do, whatever database it is on.</summary>
public abstract partial class MessageStoreTests : IAsyncLifetime
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
            due.Select(delivery => delivery with { AccountId = null }));
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
