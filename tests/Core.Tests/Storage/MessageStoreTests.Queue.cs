using Smtpy.Core.Storage;

namespace Smtpy.Core.Tests.Storage;

/// <summary>Leases, retries and what is due.</summary>
public abstract partial class MessageStoreTests
{
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
    public async Task What_was_put_off_untried_is_due_at_its_time_with_the_attempts_it_had()
    {
        var id = await StoreAsync([1], Queued(0, leased: true), Queued(1, leased: true));
        await PutOffAsync(id, 0, DeliveryState.Queued);
        await ReportAsync(id, 1, DeliveryState.Queued, Time.GetUtcNow());
        Assert.Equal([1], (await Store.LeaseDueAsync(10, Cancellation)).Select(due => due.Key.Ordinal));
        await PutOffAsync(id, 1, DeliveryState.Queued);
        Time.Advance(TimeSpan.FromMinutes(5));
        await Store.RenewLeaseAsync(Cancellation);
        Assert.Equal([0, 1], (await Store.LeaseDueAsync(10, Cancellation)).OrderBy(due => due.Key.Ordinal).Select(due => due.Attempts));
    }

    [Fact]
    public async Task What_is_given_up_without_a_further_try_keeps_its_octets_and_counts_as_failed()
    {
        var id = await StoreAsync([1], Queued(0, leased: true));
        await PutOffAsync(id, 0, DeliveryState.Failed);
        Assert.Equal((0, 1), ((await Store.MeasureQueueAsync(Cancellation)).Queued, (await Store.MeasureQueueAsync(Cancellation)).Failed));
        Assert.NotNull(await Store.ReadPartAsync(id, 0, Cancellation));
    }

    private Task PutOffAsync(long id, int ordinal, DeliveryState state) => Store.RecordAsync(
        new DeliveryReport(new DeliveryKey(id, ordinal), state, Time.GetUtcNow(), Time.GetUtcNow() + TimeSpan.FromMinutes(5), "451 later", "mx:25")
        {
            Tried = false,
        },
        Cancellation);

    [Theory]
    [InlineData("ESMTPS", false)]
    [InlineData("UTF8SMTPS", true)]
    public async Task A_due_delivery_says_whether_its_message_came_with_SMTPUTF8(string protocol, bool expected)
    {
        var id = await Store.NextMessageIdAsync(Cancellation);
        await Store.StoreAsync(Message(id, [1], Queued(0)) with { Protocol = protocol }, Cancellation);
        Assert.Equal(expected, Assert.Single(await Store.LeaseDueAsync(10, Cancellation)).SmtpUtf8);
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
        Time.Advance(TimeSpan.FromSeconds(55));
        Assert.True(await Store.RenewLeaseAsync(Cancellation));
        Time.Advance(TimeSpan.FromSeconds(55));
        Assert.True(await Store.RenewLeaseAsync(Cancellation));
        Assert.Empty(await Store.LeaseDueAsync(10, Cancellation));

        Time.Advance(TimeSpan.FromSeconds(65));
        Assert.False(await Store.RenewLeaseAsync(Cancellation));
        await ReportAsync(id, 0, DeliveryState.Delivered);
        Assert.Equal(id, Assert.Single(await Store.LeaseDueAsync(10, Cancellation)).Key.MessageId);
        Assert.True(await Store.RenewLeaseAsync(Cancellation));
    }
}
