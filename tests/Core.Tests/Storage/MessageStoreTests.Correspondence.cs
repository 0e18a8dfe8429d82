using Smtpy.Core.Contacts;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;
using Smtpy.Mail.Notices;
using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Core.Tests.Storage;

/// <summary>What is stored around a message: whom it came from, what was said of it, how each attempt went.</summary>
public abstract partial class MessageStoreTests
{
    /// <summary>A count read by plain SQL.</summary>
    protected abstract long Count(string sql);

    /// <summary>An account for rows that need one.</summary>
    protected abstract Task<Guid> AddAccountAsync();

    [Fact]
    public async Task What_delivering_needs_comes_back_with_a_due_delivery()
    {
        var account = await AddAccountAsync();
        var id = await Store.NextMessageIdAsync(Cancellation);
        var message = Message(id, [1], new NewDelivery(0, account, null, "shop@alias.test", "bob@out.test", DeliveryState.Queued, false) { Kind = DeliveryKind.Reply });
        await Store.StoreAsync(message with { Judgement = "{\"spf\":\"pass\"}", TlsDemand = TlsDemand.Required, Origin = MessageOrigin.Submission }, Cancellation);
        var due = Assert.Single(await Store.LeaseDueAsync(10, Cancellation));
        Assert.Equal(
            (account, DeliveryKind.Reply, "{\"spf\":\"pass\"}", TlsDemand.Required, MessageOrigin.Submission),
            (due.AccountId, due.Kind, due.Judgement, due.TlsDemand, due.Origin));
    }

    [Fact]
    public async Task Contacts_are_stored_with_their_message_and_the_first_one_stays()
    {
        var account = await AddAccountAsync();
        for (var i = 0; i < 2; i++)
        {
            var id = await Store.NextMessageIdAsync(Cancellation);
            var contact = new Contact
            {
                AccountId = account,
                AliasAddress = "shop@alias.test",
                Address = "jane@sender.test",
                DisplayName = $"Jane {i}",
                ReverseAddress = "abcdefghijklmnopqrstuvwx@alias.test",
                CreatedAt = Time.GetUtcNow(),
            };
            await Store.StoreAsync(Message(id, [1], Queued(0)) with { Contacts = [contact] }, Cancellation);
        }

        Assert.Equal(1, Count("SELECT count(*) FROM contacts WHERE display_name = 'Jane 0'"));
        Assert.Equal(1, Count("SELECT count(*) FROM contacts"));
        Assert.Equal(2, Count("SELECT count(*) FROM messages"));
    }

    [Fact]
    public async Task Attempts_that_were_not_the_end_are_kept_until_the_message_goes()
    {
        var id = await StoreAsync([1], Queued(0, leased: true));
        await ReportAsync(id, 0, DeliveryState.Queued, Time.GetUtcNow());
        await Store.LeaseDueAsync(10, Cancellation);
        await ReportAsync(id, 0, DeliveryState.Queued, Time.GetUtcNow());
        await Store.LeaseDueAsync(10, Cancellation);
        await ReportAsync(id, 0, DeliveryState.Delivered);
        Assert.Equal(2, Count($"SELECT count(*) FROM attempts WHERE message_id = {id} AND number IN (1, 2) AND reply = '250 ok'"));
        Time.Advance(TimeSpan.FromDays(20));
        await Store.PurgeAsync(KeepEverything with { Metadata = TimeSpan.FromDays(10) }, Cancellation);
        Assert.Equal(0, Count("SELECT count(*) FROM attempts"));
    }

    [Fact]
    public async Task What_was_asked_about_notifications_is_kept_until_the_message_goes()
    {
        var id = await StoreAsync(
            [1], Queued(0, leased: true) with { Dsn = new DsnRequest(DsnNotify.Success, "rfc822;jane@out.test", "QQ-7", ReturnFull: true) },
            Queued(1, leased: true) with { Dsn = new DsnRequest(DsnNotify.Never, null, null, ReturnFull: false) }, Queued(2, leased: true));
        Assert.Equal(2, Count($"SELECT count(*) FROM dsn_requests WHERE message_id = {id}"));
        Assert.Equal(1, Count("SELECT count(*) FROM dsn_requests WHERE ordinal = 0 AND notify = 2 AND original_recipient = 'rfc822;jane@out.test' AND envelope_id = 'QQ-7' AND return_full"));
        Assert.Equal(1, Count("SELECT count(*) FROM dsn_requests WHERE ordinal = 1 AND notify = 1 AND original_recipient IS NULL AND envelope_id IS NULL AND NOT return_full"));
        for (var ordinal = 0; ordinal < 3; ordinal++)
        {
            await ReportAsync(id, ordinal, DeliveryState.Delivered);
        }

        Time.Advance(TimeSpan.FromDays(20));
        await Store.PurgeAsync(KeepEverything with { Metadata = TimeSpan.FromDays(10) }, Cancellation);
        Assert.Equal(0, Count("SELECT count(*) FROM dsn_requests"));
    }

    [Fact]
    public async Task A_delivery_can_be_held_by_its_attempt_with_the_reason_and_keeps_its_octets()
    {
        var id = await StoreAsync([1], Queued(0, leased: true));
        await ReportAsync(id, 0, DeliveryState.Held);
        Assert.Equal(1, Count($"SELECT count(*) FROM deliveries WHERE message_id = {id} AND state = 4 AND reason = '250 ok' AND finished_at IS NULL"));
        Assert.NotNull(await Store.ReadPartAsync(id, 0, Cancellation));
        Assert.Equal(1, (await Store.MeasureQueueAsync(Cancellation)).Held);
    }

    [Fact]
    public async Task Refusals_are_kept_as_long_as_metadata()
    {
        await Store.RecordRefusalAsync(
            new RefusalRow
            {
                Id = Guid.CreateVersion7(),
                At = Time.GetUtcNow(),
                AccountId = await AddAccountAsync(),
                AliasAddress = "shop@alias.test",
                Sender = "spam@sender.test",
                ClientAddress = "192.0.2.7",
                Helo = "mx",
                Reply = "550 5.7.1 blocked",
            },
            Cancellation);
        Assert.Equal(1, Count("SELECT count(*) FROM refusals WHERE reply = '550 5.7.1 blocked' AND header_from IS NULL"));
        Time.Advance(TimeSpan.FromDays(20));
        await Store.PurgeAsync(KeepEverything with { Metadata = TimeSpan.FromDays(10) }, Cancellation);
        Assert.Equal(0, Count("SELECT count(*) FROM refusals"));
    }

    [Fact]
    public async Task A_captured_message_remembers_how_many_stored_octets_its_head_stands_for()
    {
        var id = await StoreAsync([1, 2, 3], Queued(0, leased: true));
        await ReportAsync(id, 0, DeliveryState.Captured, capture: new CapturedEnvelope("b@alias.test", new byte[] { 9 }, 2));
        Assert.Equal(1, Count("SELECT count(*) FROM captured_messages WHERE replaced_octets = 2"));
    }
}
