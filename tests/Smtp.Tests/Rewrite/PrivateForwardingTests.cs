using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Contacts;
using Smtpy.Mail.Rewriting;
using Smtpy.Smtp.Rewrite;
using Xunit;

namespace Smtpy.Smtp.Tests.Rewrite;

/// <summary>Private mode end to end through the composer: docs/forwarding.md.</summary>
public sealed class PrivateForwardingTests(ComposerFixture fixture) : IClassFixture<ComposerFixture>
{
    private const string Body = "line one \r\n\r\n.dot \t\r\nGr\u00fc\u00dfe\r\n\r\n\r\n";

    private static string Message(string alias, string more = "") =>
        $"Received: from mail.shop.test by mx.smtpy.test; x\r\n{more}Received: from laptop by mail.shop.test; y\r\nX-Tracking: 1\r\n"
        + $"From: \"Jane\" <Jane@shop.test>\r\nTo: {alias}\r\nCc: Bob <bob@other.test>\r\nSubject: Hi\r\nMessage-ID: <1@shop.test>\r\n\r\n{Body}";

    [Fact]
    public async Task Everybody_is_named_by_a_reverse_address_and_the_body_keeps_every_octet()
    {
        var alias = await fixture.AddAliasAsync();
        var sent = await fixture.SendAsync(Message(alias), fixture.Due(alias));
        var jane = ComposerFixture.Reverse.For(alias, "jane@shop.test", ComposerFixture.Domain);
        var bob = ComposerFixture.Reverse.For(alias, "bob@other.test", ComposerFixture.Domain);
        Assert.Equal($"\"Jane at shop.test\" <{jane}>", sent.Field("From"));
        Assert.Equal($"\"Bob at other.test\" <{bob}>", sent.Field("Cc"));
        Assert.Equal($"<{alias}>", sent.Field("To"));
        Assert.Equal(Body, sent.Body);
        Assert.DoesNotContain("laptop", sent.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("x-tracking", sent.Names);
        Assert.Equal(
            ["dkim-signature", "dkim-signature", "delivered-to", "from", "to", "cc", "subject", "message-id", "references"], sent.Names);
        Assert.StartsWith("b-7-f3-", sent.ReturnPath, StringComparison.Ordinal);
        Assert.EndsWith("@" + ComposerFixture.Host, sent.ReturnPath, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_known_contact_keeps_their_reverse_address_and_a_new_one_is_stored()
    {
        var alias = await fixture.AddAliasAsync();
        await using (var context = fixture.Context())
        {
            context.Contacts.Add(new Contact
            {
                AccountId = fixture.Account,
                AliasAddress = alias,
                Address = "jane@shop.test",
                ReverseAddress = $"given.before.{alias}",
                CreatedAt = DateTimeOffset.UnixEpoch,
            });
            await context.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        var sent = await fixture.SendAsync(Message(alias), fixture.Due(alias));
        Assert.Equal($"\"Jane at shop.test\" <given.before.{alias}>", sent.Field("From"));
        await using var after = fixture.Context();
        var contacts = await after.Contacts.Where(c => c.AliasAddress == alias).OrderBy(c => c.Address)
            .ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["bob@other.test", "jane@shop.test"], contacts.Select(contact => contact.Address));
        Assert.Equal("Bob", contacts[0].DisplayName);
        Assert.EndsWith("@" + ComposerFixture.Domain, contacts[0].ReverseAddress, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reverse_addresses_are_the_instances_until_the_domain_can_send()
    {
        var alias = await fixture.AddAliasAsync(domain: "waiting.test");
        var sent = await fixture.SendAsync(Message(alias), fixture.Due(alias));
        Assert.EndsWith($"@{ComposerFixture.Host}>", sent.Field("From"), StringComparison.Ordinal);
        Assert.Equal(ComposerFixture.Host, Assert.Single(await sent.VerifyAsync(ComposerFixture.HostKey)).Domain);
    }

    [Fact]
    public async Task The_owner_sees_our_results_and_nobody_elses()
    {
        var alias = await fixture.AddAliasAsync();
        var message = Message(alias, $"Authentication-Results: {ComposerFixture.Host}; dkim=pass header.d=bank.test\r\n");
        var sent = await fixture.SendAsync(message, fixture.Due(alias, ComposerFixture.Judged()));
        Assert.Equal(
            $"{ComposerFixture.Host}; spf=pass smtp.mailfrom=bounces@shop.test; dmarc=pass header.from=shop.test",
            sent.Field("Authentication-Results")!.Replace("  ", " ", StringComparison.Ordinal).Replace("\t", " ", StringComparison.Ordinal));
        Assert.Single(sent.Names, "authentication-results");
        Assert.DoesNotContain("bank.test", sent.Text, StringComparison.Ordinal);
    }

    /// <summary>Two aliases whose mailboxes forward to each other: Received fields are gone, and only this trace tells.</summary>
    [Fact]
    public async Task Where_it_was_delivered_before_stays_for_the_loop_guard()
    {
        var alias = await fixture.AddAliasAsync();
        var sent = await fixture.SendAsync(Message(alias, "Delivered-To: other@alias.test\r\n"), fixture.Due(alias));
        Assert.Equal(alias, sent.Field("Delivered-To"));
        Assert.Contains("\r\nDelivered-To: other@alias.test\r\n", sent.Header, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ways_to_contacts_in_an_answer_to_all_stay_as_they_are_and_become_no_contacts()
    {
        var alias = await fixture.AddAliasAsync();
        var reverse = ComposerFixture.Reverse.For(alias, "jane@shop.test", ComposerFixture.Domain);
        var named = alias.Replace("@", "+erin=friend.test@", StringComparison.Ordinal);
        var sent = await fixture.SendAsync(Message(alias).Replace("bob@other.test", $"{reverse}>, <{named}", StringComparison.Ordinal), fixture.Due(alias));
        Assert.Contains(reverse, sent.Field("Cc"), StringComparison.Ordinal);
        Assert.Contains(named, sent.Field("Cc"), StringComparison.Ordinal);
        await using var context = fixture.Context();
        Assert.Equal(["jane@shop.test"], context.Contacts.Where(contact => contact.AliasAddress == alias).Select(static contact => contact.Address));
    }

    [Fact]
    public async Task An_extension_is_the_alias_and_no_contact()
    {
        var alias = await fixture.AddAliasAsync();
        var extended = alias.Replace("@", "+news@", StringComparison.Ordinal);
        var sent = await fixture.SendAsync(Message(extended), fixture.Due(extended));
        Assert.Contains($"<{extended}>", sent.Field("To"), StringComparison.Ordinal);
        Assert.Equal(extended, sent.Field("Delivered-To"));
        Assert.Contains($"<{ComposerFixture.Reverse.For(alias, "jane@shop.test", ComposerFixture.Domain)}>", sent.Field("From"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Subject_and_name_follow_the_alias()
    {
        var alias = await fixture.AddAliasAsync(a => (a.SubjectTemplate, a.Handling.FromFormat) = ("[{alias.local}] {subject}", DisplayNameFormat.NameOnly));
        var sent = await fixture.SendAsync(Message(alias), fixture.Due(alias));
        Assert.Equal($"[{alias.Split('@')[0]}] Hi", sent.Field("Subject"));
        Assert.StartsWith("Jane <", sent.Field("From"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_null_sender_stays_null_and_a_message_without_author_is_from_nobody()
    {
        var alias = await fixture.AddAliasAsync();
        var sent = await fixture.SendAsync("Subject: x\r\n\r\nb\r\n", fixture.Due(alias, sender: ""));
        Assert.Equal("", sent.ReturnPath);
        Assert.Equal($"Unknown sender <{alias}>", sent.Field("From"));
        var blamed = await fixture.SendAsync("Subject: x\r\n\r\nb\r\n", fixture.Due(alias, sender: "jane@shop.test"));
        Assert.Equal($"\"jane at shop.test\" <{ComposerFixture.Reverse.For(alias, "jane@shop.test", ComposerFixture.Domain)}>", blamed.Field("From"));
    }

    [Theory]
    [InlineData(UnsubscribeChoice.DisableAlias)]
    [InlineData(UnsubscribeChoice.BlockSender)]
    public async Task The_unsubscribe_button_does_what_the_alias_says(UnsubscribeChoice choice)
    {
        var alias = await fixture.AddAliasAsync(a => a.Handling.Unsubscribe = choice);
        var sent = await fixture.SendAsync(Message(alias, "List-Unsubscribe: <https://shop.test/u>\r\n"), fixture.Due(alias));
        var link = sent.Field("List-Unsubscribe")!;
        Assert.StartsWith("<https://mail.example.org/u/", link, StringComparison.Ordinal);
        Assert.Equal("List-Unsubscribe=One-Click", sent.Field("List-Unsubscribe-Post"));
        Assert.Equal(TokenState.Valid, fixture.Get<UnsubscribeToken>().TryRead(link.Trim('<', '>').Split('/')[^1], out var order));
        await using var context = fixture.Context();
        Assert.Equal(choice, order!.Choice);
        Assert.Equal((await context.Aliases.SingleAsync(a => a.Address == alias, TestContext.Current.CancellationToken)).Id, order.AliasId);
        Assert.Equal(
            choice == UnsubscribeChoice.BlockSender ? "jane@shop.test" : null,
            (await context.Contacts.FindAsync([order.ContactId], TestContext.Current.CancellationToken))?.Address);
    }

    /// <summary>RFC 8058 section 3.1: the link is https.</summary>
    [Fact]
    public async Task Without_https_the_senders_own_link_stays()
    {
        var alias = await fixture.AddAliasAsync(a => a.Handling.Unsubscribe = UnsubscribeChoice.DisableAlias);
        var composer = fixture.With(new RewriteOptions { Hostname = ComposerFixture.Host, PublicUrl = new Uri("http://localhost:8000") });
        var message = Message(alias, "List-Unsubscribe: <https://shop.test/u>\r\n");
        var composition = await ComposerFixture.ComposeAsync(
            composer, new Smtpy.Mail.Messages.InMemoryContent(System.Text.Encoding.UTF8.GetBytes(message)), fixture.Due(alias));
        Assert.Equal("<https://shop.test/u>", (await Composed.OfAsync(composition.Message!)).Field("List-Unsubscribe"));
    }

    [Fact]
    public async Task Mail_of_an_alias_that_was_deleted_meanwhile_stays_private()
    {
        var alias = await fixture.AddAliasAsync(a => a.DeletedAt = DateTimeOffset.UnixEpoch);
        var sent = await fixture.SendAsync(Message(alias), fixture.Due(alias));
        Assert.DoesNotContain("jane@shop.test", sent.Text, StringComparison.OrdinalIgnoreCase);
    }
}
