using Smtpy.Core.Contacts;
using Smtpy.Core.Storage;
using Smtpy.Mail.Dkim;
using Smtpy.Smtp.Route;
using Xunit;

namespace Smtpy.Smtp.Tests.Rewrite;

/// <summary>The owner's mail to a contact, a notice of ours, and what is never sent.</summary>
public sealed class ReplyComposingTests(ComposerFixture fixture) : IClassFixture<ComposerFixture>
{
    private const string Contact = "jane@shop.test";

    [Fact]
    public async Task A_reply_leaves_from_the_alias_without_a_trace_of_the_owner()
    {
        var (alias, reverse) = await CorrespondAsync();
        var sent = await fixture.SendAsync(
            Reply(reverse, $"On Monday, Jane <{reverse}> wrote:\r\n> sent to {ComposerFixture.Mailbox}\r\nCall me: {ComposerFixture.Owner}\r\n"), Due(alias));
        Assert.Equal($"Shop <{alias}>", sent.Field("From"));
        Assert.Equal($"Jane <{Contact}>", sent.Field("To"));
        Assert.Equal($"On Monday, Jane <{Contact}> wrote:\r\n> sent to {alias}\r\nCall me: {alias}\r\n", sent.Body);
        foreach (var trace in new[] { "inbox.test", "home.test", "laptop", reverse, "Thunderbird" })
        {
            Assert.DoesNotContain(trace, sent.Text, StringComparison.OrdinalIgnoreCase);
        }

        Assert.DoesNotContain(sent.Names, name => name is "received" or "delivered-to" or "authentication-results" or "arc-seal");
        Assert.All(await sent.VerifyAsync([.. fixture.Keys.All]), result => Assert.Equal((ComposerFixture.Domain, DkimVerdict.Pass), (result.Domain, result.Verdict)));
    }

    [Fact]
    public async Task Its_return_path_is_at_the_aliass_domain_and_never_null()
    {
        var (alias, reverse) = await CorrespondAsync();
        var sent = await fixture.SendAsync(Reply(reverse, "x\r\n"), Due(alias) with { Sender = "" });
        Assert.EndsWith("@" + ComposerFixture.Domain, sent.ReturnPath, StringComparison.Ordinal);
        var read = fixture.Get<ReturnPaths>().Read(sent.ReturnPath.Split('@')[0], ComposerFixture.Domain);
        Assert.Equal((ReturnPathStanding.Valid, ReturnPathKind.Reply, 7L, 3), (read.Standing, read.Kind, read.MessageId, read.Ordinal!.Value));
        var (waiting, other) = await CorrespondAsync("waiting.test");
        Assert.EndsWith("@" + ComposerFixture.Host, (await fixture.SendAsync(Reply(other, "x\r\n"), Due(waiting))).ReturnPath, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trace_that_cannot_be_taken_out_holds_the_message_unless_the_owner_does_not_mind()
    {
        var (alias, reverse) = await CorrespondAsync();
        var body = $"--b\r\nContent-Type: application/pdf\r\n\r\n%PDF {ComposerFixture.Mailbox}\r\n--b--\r\n";
        var held = await fixture.ComposeAsync(Reply(reverse, body, "Content-Type: multipart/mixed; boundary=b\r\n"), Due(alias));
        Assert.Equal(DeliveryState.Held, held.State);
        Assert.Contains("application/pdf", held.Reason.Text, StringComparison.Ordinal);
        (alias, reverse) = await CorrespondAsync(cleans: false);
        var sent = await fixture.SendAsync(Reply(reverse, body, "Content-Type: multipart/mixed; boundary=b\r\n"), Due(alias));
        Assert.Equal(body, sent.Body);
    }

    [Fact]
    public async Task A_mailbox_that_somebody_made_a_contact_stays_hidden()
    {
        var (alias, reverse) = await CorrespondAsync();
        var own = await AddContactAsync(alias, ComposerFixture.Mailbox);
        var sent = await fixture.SendAsync(Reply($"{reverse}, {own}", $"I am {ComposerFixture.Mailbox}, also {own}\r\n"), Due(alias));
        Assert.Equal($"Jane <{Contact}>", sent.Field("To"));
        Assert.DoesNotContain(ComposerFixture.Mailbox, sent.Text, StringComparison.OrdinalIgnoreCase);

        // One message may serve contacts at one domain, so not even to the mailbox itself.
        sent = await fixture.SendAsync(Reply($"{reverse}, {own}", "x\r\n"), Due(alias) with { Recipient = ComposerFixture.Mailbox });
        Assert.DoesNotContain(ComposerFixture.Mailbox, sent.Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Nothing_leaves_in_the_name_of_a_domain_that_is_anothers_by_now()
    {
        var (alias, reverse) = await CorrespondAsync();
        foreach (var kind in new[] { DeliveryKind.Reply, DeliveryKind.Forward })
        {
            var held = await fixture.ComposeAsync(Reply(reverse, "x\r\n"), Due(alias) with { Kind = kind, AccountId = Guid.NewGuid() });
            Assert.Equal((DeliveryState.Held, $"{ComposerFixture.Domain} belongs to another account by now."), (held.State, held.Reason.Text));
        }
    }

    [Fact]
    public async Task A_reverse_address_of_another_alias_is_nobody_here()
    {
        var (alias, reverse) = await CorrespondAsync();
        var (_, other) = await CorrespondAsync();
        var sent = await fixture.SendAsync(Reply($"{reverse}, {other}", "x\r\n"), Due(alias));
        Assert.Equal($"Jane <{Contact}>", sent.Field("To"));
        Assert.DoesNotContain(other, sent.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_signed_in_may_name_anybody_and_who_answers_by_mail_names_contacts_only()
    {
        var (alias, reverse) = await CorrespondAsync();
        var (_, other) = await CorrespondAsync();
        var message = Reply($"{reverse}, Hal <hal@friend.test>, {other}, {ComposerFixture.Mailbox}", "x\r\n");
        var submitted = await fixture.SendAsync(message, Due(alias) with { Sender = alias, Origin = MessageOrigin.Submission });
        Assert.Equal($"Jane <{Contact}>, Hal <hal@friend.test>", submitted.Field("To"));
        var answered = await fixture.SendAsync(message, Due(alias));
        Assert.Equal($"Jane <{Contact}>", answered.Field("To"));
    }

    [Fact]
    public async Task A_notice_goes_as_it_is_with_the_instances_signature()
    {
        const string notice = "From: SMTPy <postmaster@mx.smtpy.test>\r\nTo: owner@home.test\r\nSubject: x\r\n\r\ntext\r\n";
        var sent = await fixture.SendAsync(notice, fixture.Due("", sender: "") with { Kind = DeliveryKind.Notice });
        Assert.EndsWith(notice, sent.Text, StringComparison.Ordinal);
        Assert.Equal(["dkim-signature", "from", "to", "subject"], sent.Names);
        Assert.Equal("", sent.ReturnPath);
        Assert.Equal((ComposerFixture.Host, DkimVerdict.Pass), (await sent.VerifyAsync(ComposerFixture.HostKey)).Select(r => (r.Domain, r.Verdict)).Single());
    }

    [Fact]
    public async Task A_report_goes_nowhere_and_replies_go_one_by_one()
    {
        var report = await fixture.ComposeAsync("Subject: x\r\n\r\nx\r\n", fixture.Due("a@alias.test") with { Kind = DeliveryKind.Report });
        Assert.Equal((DeliveryState.Failed, false), (report.State, report.Succeeded));
        var (alias, reverse) = await CorrespondAsync();
        var both = await fixture.ComposeAsync(Reply(reverse, "x\r\n"), Due(alias), Due(alias) with { Key = new DeliveryKey(7, 4) });
        Assert.Same(Smtp.Deliver.Composition.Apart, both);
    }

    private static string Reply(string to, string body, string more = "") =>
        "Received: from laptop (laptop [192.0.2.1]) by mx.smtpy.test; x\r\n"
        + $"From: Jane Doe <{ComposerFixture.Mailbox}>\r\nTo: {to}\r\nSubject: Re: Hi\r\nUser-Agent: Thunderbird\r\n"
        + $"Message-ID: <x@mail.inbox.test>\r\nMIME-Version: 1.0\r\n{more}\r\n{body}";

    private DueDelivery Due(string alias) =>
        fixture.Due(alias, sender: ComposerFixture.Mailbox, recipient: Contact) with { Kind = DeliveryKind.Reply };

    private async Task<(string Alias, string Reverse)> CorrespondAsync(string domain = ComposerFixture.Domain, bool cleans = true)
    {
        var alias = await fixture.AddAliasAsync(a => (a.FromName, a.CleanReplies) = ("Shop", cleans), domain);
        return (alias, await AddContactAsync(alias, Contact, domain));
    }

    private async Task<string> AddContactAsync(string alias, string address, string domain = ComposerFixture.Domain)
    {
        var reverse = ComposerFixture.Reverse.For(alias, address, domain);
        await fixture.Get<AddContacts>().RunAsync(
            [
                new Contact
                {
                    AccountId = fixture.Account,
                    AliasAddress = alias,
                    Address = address,
                    DisplayName = "Jane",
                    ReverseAddress = reverse,
                    CreatedAt = DateTimeOffset.UnixEpoch,
                },
            ],
            TestContext.Current.CancellationToken);
        return reverse;
    }
}
