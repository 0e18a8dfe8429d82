using Smtpy.Core.Recipients;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;
using Smtpy.Smtp.Route;
using Xunit;

namespace Smtpy.Smtp.Tests.Plan;

/// <summary>What comes back to our return paths is put down with what it is about.</summary>
public sealed class ReportTests : IAsyncLifetime
{
    private const string Me = "me@mailbox.test";
    private ReceivingFixture _smtpy = null!;

    public async ValueTask InitializeAsync() => _smtpy = await ReceivingFixture.CreateAsync();

    public ValueTask DisposeAsync() => _smtpy.DisposeAsync();

    [Fact]
    public async Task A_bounce_is_kept_with_the_delivery_that_it_is_about_and_the_owner_is_told()
    {
        var id = await ForwardAsync();
        Assert.StartsWith("250", await BounceAsync(id), StringComparison.Ordinal);
        var report = Assert.Single(await _smtpy.DeliveriesAsync(), d => d.Kind == DeliveryKind.Report);
        Assert.Equal(
            (DeliveryState.Held, "shop@alias.test", (Guid?)_smtpy.Owner, $"bounce of message {id}"),
            (report.State, report.AliasAddress, report.AccountId, report.Reason));
        var bounce = Assert.Single(await _smtpy.AllAsync<BounceRow>());
        Assert.Equal(
            (id, 0, report.MessageId, BounceKind.Hard, "shop@alias.test", Me, "5.1.1"),
            (bounce.MessageId, bounce.Ordinal, bounce.ReportId, bounce.Kind, bounce.AliasAddress, bounce.Recipient, bounce.Status));
        Assert.Equal("owner@mailbox.test", Assert.Single(await _smtpy.NoticesAsync()).Recipient);
        Assert.Equal(0, (await _smtpy.Store.MeasureQueueAsync(TestContext.Current.CancellationToken)).Held);
    }

    [Fact]
    public async Task The_same_bounce_again_is_no_news()
    {
        var id = await ForwardAsync();
        await BounceAsync(id);
        await BounceAsync(id);
        Assert.Single(await _smtpy.AllAsync<BounceRow>());
        Assert.Single(await _smtpy.NoticesAsync());
        Assert.Equal(2, (await _smtpy.DeliveriesAsync()).Count(d => d.Kind == DeliveryKind.Report));
    }

    [Fact]
    public async Task A_mailbox_that_is_gone_is_paused_after_three_messages_in_a_day()
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.Null((await RecipientAsync()).PausedAt);
            await BounceAsync(await ForwardAsync());
        }

        Assert.Equal(_smtpy.Time.GetUtcNow(), (await RecipientAsync()).PausedAt);
        var held = await ForwardAsync();
        Assert.Equal(DeliveryState.Held, (await _smtpy.DeliveriesAsync()).Single(d => d.MessageId == held).State);
    }

    [Fact]
    public async Task A_bounce_that_names_nobody_pauses_none_of_several_mailboxes()
    {
        await _smtpy.AddAliasAsync("two@alias.test", Me, "bob@mailbox.test");
        for (var i = 0; i < 6; i++)
        {
            await _smtpy.SendAsync("jane@sender.test", "two@alias.test", "From: jane@sender.test\r\nSubject: s\r\n\r\nbody\r\n");
            var id = (await _smtpy.AllAsync<MessageRow>()).Where(m => m.Sender == "jane@sender.test").Max(m => m.Id);
            await _smtpy.SendAsync("", _smtpy.ReturnPaths.For(id, 0), Bounce().Replace("me@mailbox.test", "bob@store.mailbox.test", StringComparison.Ordinal));
        }

        Assert.All(await _smtpy.AllAsync<BounceRow>(), static b => Assert.Equal("bob@mailbox.test or me@mailbox.test", b.Recipient));
        Assert.All(await _smtpy.AllAsync<Recipient>(), static r => Assert.Null(r.PausedAt));
        Assert.NotEmpty(await _smtpy.NoticesAsync());
    }

    [Fact]
    public async Task Out_of_office_is_put_down_and_nobody_is_told()
    {
        var id = await ForwardAsync();
        Assert.StartsWith(
            "250",
            await _smtpy.SendAsync("", _smtpy.ReturnPaths.For(id, 0), "From: me@mailbox.test\r\nSubject: Out of office\r\nAuto-Submitted: auto-replied\r\n\r\nBack soon.\r\n"),
            StringComparison.Ordinal);
        Assert.Equal(BounceKind.AutoReply, Assert.Single(await _smtpy.AllAsync<BounceRow>()).Kind);
        Assert.Empty(await _smtpy.NoticesAsync());
    }

    [Fact]
    public async Task A_person_who_writes_to_a_return_path_is_told_that_there_is_nobody()
    {
        var id = await ForwardAsync();
        Assert.StartsWith(
            "550 5.1.1", await _smtpy.SendAsync("x@sender.test", _smtpy.ReturnPaths.For(id, 0), "From: x@sender.test\r\nSubject: hello\r\n\r\nhow are you?\r\n"),
            StringComparison.Ordinal);
        Assert.StartsWith("250", await BounceAsync(id, sender: "postmaster@mailbox.test"), StringComparison.Ordinal);
        Assert.Single(await _smtpy.AllAsync<BounceRow>());
    }

    [Fact]
    public async Task A_return_path_that_we_did_not_make_is_unknown_and_a_late_one_only_put_down()
    {
        var id = await ForwardAsync();
        var forged = _smtpy.ReturnPaths.For(id, 0).Replace("-f0-", "-f1-", StringComparison.Ordinal);
        Assert.StartsWith("550 5.1.1", await _smtpy.SendAsync("", forged, Bounce()), StringComparison.Ordinal);
        var late = _smtpy.ReturnPaths.For(id, 0);
        _smtpy.Time.Advance(TimeSpan.FromDays(12));
        Assert.StartsWith("550 5.1.1", await _smtpy.SendAsync("postmaster@mailbox.test", late, Bounce()), StringComparison.Ordinal);
        Assert.StartsWith("250", await _smtpy.SendAsync("", late, Bounce()), StringComparison.Ordinal);
        Assert.Single(await _smtpy.AllAsync<BounceRow>());
        Assert.Empty(await _smtpy.NoticesAsync());
    }

    [Fact]
    public async Task A_bounce_of_what_is_no_longer_known_is_kept_for_the_operator()
    {
        Assert.StartsWith("250", await BounceAsync(4711), StringComparison.Ordinal);
        var report = Assert.Single(await _smtpy.DeliveriesAsync());
        Assert.Equal((DeliveryKind.Report, DeliveryState.Held, (Guid?)null), (report.Kind, report.State, report.AccountId));
        Assert.Empty(await _smtpy.AllAsync<BounceRow>());
    }

    [Fact]
    public async Task A_complaint_to_abuse_is_put_down_with_the_message_and_forwarded_all_the_same()
    {
        var id = await ForwardAsync();
        var complaint =
            $"""
            From: feedback@provider.test
            Subject: complaint
            Content-Type: multipart/report; report-type=feedback-report; boundary=b

            --b
            Content-Type: text/plain

            This is an email abuse report.
            --b
            Content-Type: message/feedback-report

            Feedback-Type: abuse
            User-Agent: provider/1
            Version: 1
            Original-Mail-From: <{_smtpy.ReturnPaths.For(id, 0)}>

            --b
            Content-Type: text/rfc822-headers

            Subject: s
            --b--

            """;
        Assert.StartsWith("250", await _smtpy.SendAsync("feedback@provider.test", "abuse@alias.test", complaint), StringComparison.Ordinal);
        Assert.Equal(BounceKind.Complaint, Assert.Single(await _smtpy.AllAsync<BounceRow>()).Kind);
        Assert.Equal("owner@mailbox.test", (await _smtpy.DeliveriesAsync()).Single(d => d.MessageId != id).Recipient);
    }

    private Task<string> BounceAsync(long id, string sender = "") =>
        _smtpy.SendAsync(sender, _smtpy.ReturnPaths.For(id, 0, ReturnPathKind.Forward), Bounce());

    private static string Bounce() =>
        """
        From: Mail Delivery System <MAILER-DAEMON@mx.mailbox.test>
        Subject: Undelivered Mail Returned to Sender
        Content-Type: multipart/report; report-type=delivery-status; boundary=b

        --b
        Content-Type: text/plain

        I could not deliver your message.
        --b
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.mailbox.test

        Final-Recipient: rfc822; me@mailbox.test
        Action: failed
        Status: 5.1.1
        Diagnostic-Code: smtp; 550 5.1.1 No such user
        --b--

        """;

    private async Task<long> ForwardAsync()
    {
        Assert.StartsWith(
            "250", await _smtpy.SendAsync("jane@sender.test", "shop@alias.test", "From: jane@sender.test\r\nSubject: s\r\n\r\nbody\r\n"), StringComparison.Ordinal);
        return (await _smtpy.AllAsync<MessageRow>()).Where(m => m.Sender == "jane@sender.test").Max(m => m.Id);
    }

    private async Task<Recipient> RecipientAsync() => (await _smtpy.AllAsync<Recipient>()).Single(r => r.Email == Me);
}
