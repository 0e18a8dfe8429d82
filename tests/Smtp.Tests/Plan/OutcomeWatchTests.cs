using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Smtpy.Core.Accounts;
using Smtpy.Core.Messages;
using Smtpy.Core.Recipients;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;
using Smtpy.Mail.Client;
using Smtpy.Mail.Notices;
using Smtpy.Smtp.Deliver;
using Smtpy.Tests.Support;
using Xunit;

namespace Smtpy.Smtp.Tests.Plan;

/// <summary>Who wrote is told what did not arrive; a stranger never is.</summary>
public sealed class OutcomeWatchTests : IAsyncLifetime
{
    private const string Me = "me@mailbox.test";
    private static readonly PeerReply Gone = new(550, "5.1.1", "No such user");
    private static readonly PeerReply Busy = new(451, "4.3.2", "Come later");
    private ReceivingFixture _smtpy = null!;
    private OutcomeWatch _watch = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _smtpy = await ReceivingFixture.CreateAsync();
        _watch = new OutcomeWatch(
            _smtpy.Get<FindOrigin>(), _smtpy.Get<TakeBounce>(), _smtpy.Get<NotifyWriter>(), _smtpy.Get<IOwnerNotices>(),
            new DeliveryOptions { Mode = DeliveryMode.Mx, Hostname = "mx.test" }, NullLogger<OutcomeWatch>.Instance);
        await _watch.StartAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _watch.StopAsync(CancellationToken.None);
        _watch.Dispose();
        await _smtpy.DisposeAsync();
    }

    [Fact]
    public async Task The_writer_of_a_reply_that_failed_gets_a_delivery_status_notification()
    {
        var id = await ReplyAsync();
        Tell(id, DeliveryState.Failed, Gone);
        var text = await NoticeAsync(1);
        Assert.Contains($"To: {Me}\r\n", text, StringComparison.Ordinal);
        Assert.Contains("Final-Recipient: rfc822; jane@sender.test\r\nAction: failed\r\nStatus: 5.1.1\r\nRemote-MTA: dns; mx.sender.test\r\n", text, StringComparison.Ordinal);
        Assert.Contains("Diagnostic-Code: smtp; 550 5.1.1 No such user", text, StringComparison.Ordinal);
        Assert.Contains("Subject: Re: s\r\n", text, StringComparison.Ordinal);
        Assert.Empty(await _smtpy.AllAsync<BounceRow>());
    }

    [Fact]
    public async Task A_report_to_a_mailbox_with_a_key_brings_nothing_of_the_message_back()
    {
        await _smtpy.ChangeAsync(context =>
        {
            var recipient = context.Recipients.Single(static r => r.Email == Me);
            (recipient.Encryption, recipient.EncryptionKey) = (EncryptionKind.Pgp, "a key"u8.ToArray());
            return Task.CompletedTask;
        });
        Tell(await ReplyAsync(new DsnRequest(DsnNotify.Failure, null, null, ReturnFull: true)), DeliveryState.Failed, Gone);
        var text = await NoticeAsync(1);
        Assert.Contains("Action: failed\r\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Re: s", text, StringComparison.Ordinal);
        Assert.DoesNotContain("rfc822-headers", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_delay_is_told_of_once_and_not_before_it_is_one()
    {
        var id = await ReplyAsync();
        _smtpy.Time.Advance(TimeSpan.FromHours(1));
        Tell(id, DeliveryState.Queued, Busy);
        _smtpy.Time.Advance(TimeSpan.FromHours(4));
        Tell(id, DeliveryState.Queued, Busy);
        Assert.Contains("Action: delayed\r\n", await NoticeAsync(1), StringComparison.Ordinal);

        // The store has put down that attempt since.
        await _smtpy.ChangeAsync(async context => await context.Attempts.AddAsync(
            new AttemptRow { MessageId = id, Ordinal = 0, Number = 2, At = _smtpy.Time.GetUtcNow(), Reply = "451", RemoteHost = "" }, Cancellation));
        _smtpy.Time.Advance(TimeSpan.FromHours(1));
        Tell(id, DeliveryState.Queued, Busy);
        Tell(id, DeliveryState.Failed, Gone);
        Assert.Contains("Action: failed\r\n", await NoticeAsync(2), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DsnNotify.Never, "")]
    [InlineData(DsnNotify.Failure, "failed")]
    [InlineData(DsnNotify.Delay, "delayed")]
    [InlineData(DsnNotify.Success, "relayed")]
    [InlineData(DsnNotify.Success | DsnNotify.Failure | DsnNotify.Delay, "delayed relayed failed")]
    [InlineData(DsnNotify.Unspecified, "delayed failed")]
    public async Task Who_wrote_is_told_of_what_they_asked_for(DsnNotify notify, string told)
    {
        var id = await ReplyAsync(new DsnRequest(notify, "rfc822;jane@sender.test", "QQ-7", ReturnFull: true));
        var plain = await ReplyAsync();
        _smtpy.Time.Advance(TimeSpan.FromHours(5));
        Tell(id, DeliveryState.Queued, Busy);
        Tell(id, DeliveryState.Delivered, new PeerReply(250, "2.0.0", "taken"));
        Tell(id, DeliveryState.Failed, Gone);

        // The last one, so that all before were looked at.
        Tell(plain, DeliveryState.Failed, Gone);
        var expected = told.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        await NoticeAsync(expected.Length + 1);
        var texts = await NoticesAsync();
        Assert.Equal([.. expected, "failed"], texts.Select(static t => t.Split("Action: ")[1].Split("\r\n")[0]));
        Assert.All(texts.SkipLast(1), static text =>
        {
            Assert.Contains("Original-Envelope-Id: QQ-7\r\n", text, StringComparison.Ordinal);
            Assert.Contains("Original-Recipient: rfc822;jane@sender.test\r\n", text, StringComparison.Ordinal);
            Assert.Equal(text.Contains("Action: failed", StringComparison.Ordinal), text.Contains("\r\n\r\nbody\r\n", StringComparison.Ordinal));
        });
        Assert.DoesNotContain("Original-Envelope-Id", texts[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_stranger_asks_about_notifications_is_not_kept()
    {
        Assert.StartsWith(
            "250",
            await _smtpy.SendAsync(
                ReceivingFixture.Stranger(), "jane@sender.test", ["shop@alias.test"], "From: jane@sender.test\r\nSubject: s\r\n\r\nbody\r\n",
                new DsnRequest(DsnNotify.Success, null, "QQ-8", ReturnFull: false)),
            StringComparison.Ordinal);
        Assert.Empty(await _smtpy.AllAsync<DsnRequestRow>());
    }

    [Fact]
    public async Task A_mailbox_that_refuses_for_good_counts_as_bounced_and_the_sender_hears_nothing()
    {
        for (var i = 0; i < 3; i++)
        {
            await _smtpy.SendAsync("jane@sender.test", "shop@alias.test", "From: jane@sender.test\r\nSubject: s\r\n\r\nbody\r\n");
            Tell((await _smtpy.AllAsync<MessageRow>()).Where(m => m.Sender.Length > 0).Max(m => m.Id), DeliveryState.Failed, Gone);
        }

        await Until.TrueAsync(
            "the mailbox is paused", async () => (await _smtpy.AllAsync<Recipient>()).Single(r => r.Email == Me).PausedAt is not null);
        Assert.All(await _smtpy.AllAsync<BounceRow>(), b => Assert.Equal((BounceKind.Hard, 0L, Me), (b.Kind, b.ReportId, b.Recipient)));
        Assert.All(await _smtpy.NoticesAsync(), n => Assert.Equal("owner@mailbox.test", n.Recipient));
    }

    [Fact]
    public async Task The_owner_is_told_of_what_is_held_when_it_was_to_leave()
    {
        var id = await ReplyAsync();
        Tell(id, DeliveryState.Held, new PeerReply(450, "4.7.0", "Your own address stands where it cannot be taken out"));
        Tell(id, DeliveryState.Held, new PeerReply(450, "4.7.0", "Your own address stands where it cannot be taken out"));
        var text = await NoticeAsync(1);
        Assert.Contains("To: owner@mailbox.test\r\n", text, StringComparison.Ordinal);
        Assert.Contains("Your message to jane@sender.test through shop@alias.test was not sent. It is held.", text, StringComparison.Ordinal);
        Assert.Contains("cannot be taken out", text.ReplaceLineEndings(" "), StringComparison.Ordinal);

        await _smtpy.SendAsync("jane@sender.test", "shop@alias.test", "From: jane@sender.test\r\nSubject: s\r\n\r\nbody\r\n");
        Tell((await _smtpy.AllAsync<MessageRow>()).Where(static m => m.Sender.Length > 0).Max(static m => m.Id), DeliveryState.Held, new PeerReply(450, "4.7.0", "The key expired"));
        Assert.Contains("A message to shop@alias.test was not forwarded. It is held.", await NoticeAsync(2), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_owner_is_told_where_one_message_is_held_for_two()
    {
        await _smtpy.AddAliasAsync("shop@other.test", "them@mailbox.test");
        await _smtpy.SendAsync(
            ReceivingFixture.Stranger(), "jane@sender.test", ["shop@alias.test", "shop@other.test"], "From: jane@sender.test\r\nSubject: s\r\n\r\nbody\r\n");
        var id = (await _smtpy.AllAsync<MessageRow>()).Max(static m => m.Id);
        Tell(id, DeliveryState.Held, new PeerReply(450, "4.7.0", "The key expired"));
        Tell(id, DeliveryState.Held, new PeerReply(450, "4.7.0", "The key expired"), ordinal: 1);
        await NoticeAsync(2);
        Assert.Equal(["else@mailbox.test", "owner@mailbox.test"], (await _smtpy.NoticesAsync()).Select(static n => n.Recipient).Order());
    }

    [Fact]
    public async Task A_notice_that_fails_brings_no_other()
    {
        var id = await ReplyAsync();
        Tell(id, DeliveryState.Failed, Gone);
        await NoticeAsync(1);
        Tell((await _smtpy.NoticesAsync())[0].MessageId, DeliveryState.Failed, Gone);
        Tell(4711, DeliveryState.Failed, Gone);
        var next = await ReplyAsync();
        Tell(next, DeliveryState.Failed, Gone);
        await NoticeAsync(2);
        Assert.Empty(await _smtpy.AllAsync<BounceRow>());
    }

    private void Tell(long id, DeliveryState state, PeerReply reply, int ordinal = 0) => _watch.Ended(new EndedAttempt(
        new DeliveryKey(id, ordinal), state, reply, "mx.sender.test[192.0.2.1]:25", _smtpy.Time.GetUtcNow(), new DateTimeOffset(2026, 1, 5, 8, 0, 0, TimeSpan.Zero)));

    /// <returns>Text of the last notice, once there are this many and no more.</returns>
    private async Task<string> NoticeAsync(int count)
    {
        await Until.TrueAsync("the notice is queued", async () => (await _smtpy.NoticesAsync()).Count >= count);
        var notices = await _smtpy.NoticesAsync();
        Assert.Equal(count, notices.Count);
        return Encoding.UTF8.GetString((await _smtpy.Store.ReadPartAsync(notices.Max(n => n.MessageId), 0, Cancellation))!);
    }

    private async Task<IReadOnlyList<string>> NoticesAsync()
    {
        var texts = new List<string>();
        foreach (var id in (await _smtpy.NoticesAsync()).Select(static n => n.MessageId).Order())
        {
            texts.Add(Encoding.UTF8.GetString((await _smtpy.Store.ReadPartAsync(id, 0, Cancellation))!));
        }

        return texts;
    }

    private async Task<long> ReplyAsync(DsnRequest? dsn = null)
    {
        _smtpy.Authenticated = Me;
        Assert.StartsWith(
            "250",
            await _smtpy.SendAsync(
                ReceivingFixture.Stranger(), Me, ["shop+jane=sender.test@alias.test"], $"From: {Me}\r\nSubject: Re: s\r\n\r\nbody\r\n", dsn),
            StringComparison.Ordinal);
        _smtpy.Authenticated = null;
        return (await _smtpy.DeliveriesAsync()).Max(d => d.MessageId);
    }
}
