using Smtpy.Core.Accounts;
using Smtpy.Core.Contacts;
using Smtpy.Core.Recipients;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Plan;
using Smtpy.Smtp.Submit;
using Smtpy.Tests.Support;
using Xunit;

namespace Smtpy.Smtp.Tests.Plan;

/// <summary>Mail of an alias's owner goes to the contact; nobody else's does.</summary>
public sealed class ReplyTests : IAsyncLifetime
{
    private const string Me = "me@mailbox.test";
    private ReceivingFixture _smtpy = null!;

    public async ValueTask InitializeAsync() => _smtpy = await ReceivingFixture.CreateAsync();

    public ValueTask DisposeAsync() => _smtpy.DisposeAsync();

    [Theory]
    [InlineData(Me)]
    [InlineData("ME@mailbox.test")]
    [InlineData("owner@mailbox.test")]
    public async Task A_reply_of_the_owner_goes_to_the_contact_as_from_the_alias(string from)
    {
        var reverse = await _smtpy.AddContactAsync();
        _smtpy.Authenticated = from.ToLowerInvariant();
        Assert.StartsWith("250", await _smtpy.SendAsync(Me, reverse, Mail(from)), StringComparison.Ordinal);
        var delivery = Assert.Single(await _smtpy.DeliveriesAsync());
        Assert.Equal(
            (DeliveryKind.Reply, DeliveryState.Queued, "shop@alias.test", ReceivingFixture.Jane),
            (delivery.Kind, delivery.State, delivery.AliasAddress, delivery.Recipient));
        Assert.Equal(_smtpy.Owner, delivery.AccountId);
        Assert.NotNull(delivery.AliasId);
    }

    [Fact]
    public async Task A_blocked_contact_and_an_alias_that_is_switched_off_can_be_written_to()
    {
        var reverse = await _smtpy.AddContactAsync(blocked: true);
        await _smtpy.ChangeAsync(async context => (await context.Aliases.FindAsync([(await AliasIdAsync())], TestContext.Current.CancellationToken))!.Enabled = false);
        _smtpy.Authenticated = Me;
        Assert.StartsWith("250", await _smtpy.SendAsync(Me, reverse, Mail(Me)), StringComparison.Ordinal);
        Assert.Equal(ReceivingFixture.Jane, Assert.Single(await _smtpy.DeliveriesAsync()).Recipient);
    }

    [Fact]
    public async Task What_anybody_could_have_written_is_refused_with_what_to_do_and_the_owner_is_told()
    {
        var reverse = await _smtpy.AddContactAsync();
        var reply = await _smtpy.SendAsync(Me, reverse, Mail(Me));
        Assert.StartsWith("550 5.7.1 Reply not authenticated: mailbox.test has no passing SPF", reply, StringComparison.Ordinal);
        Assert.Empty(await _smtpy.DeliveriesAsync());
        Assert.Equal("owner@mailbox.test", Assert.Single(await _smtpy.NoticesAsync()).Recipient);
        await Until.TrueAsync("the refusal is put down", async () => (await _smtpy.AllAsync<RefusalRow>()).Count == 1);
    }

    /// <summary>A subscriber of a list has signed mail of the owner's, too.</summary>
    [Theory]
    [InlineData(Proof.ClientAddress, "", "250")]
    [InlineData(Proof.WholeSignature, "To: {0}", "250")]
    [InlineData(Proof.WholeSignature, "To: a@b.test\nCc: x@y.test, {0}", "250")]
    [InlineData(Proof.WholeSignature, "To: list@lists.test", "550")]
    [InlineData(Proof.WholeSignature, "X-To: {0}", "550")]
    [InlineData(Proof.LooseSignature, "To: {0}", "550")]
    public async Task Signed_mail_of_the_owners_is_an_answer_only_if_it_says_so_itself(object proof, string field, string expected)
    {
        var reverse = await _smtpy.AddContactAsync();
        (_smtpy.Authenticated, _smtpy.Proof) = (Me, (Proof)proof);
        foreach (var to in new[] { reverse, "shop+ann=other.test@alias.test" })
        {
            var message = $"From: {Me}\n{string.Format(System.Globalization.CultureInfo.InvariantCulture, field, to)}\nSubject: s\n\nbody\n";
            var reply = await _smtpy.SendAsync("bounces@lists.test", to, message.Replace("\n\nSubject", "\nSubject", StringComparison.Ordinal));
            var sent = (await _smtpy.DeliveriesAsync()).Where(static d => d.Kind == DeliveryKind.Reply).ToList();
            Assert.Equal(expected == "250", sent.Exists(d => d.Recipient == (to == reverse ? ReceivingFixture.Jane : "ann@other.test")));
            if (to == reverse)
            {
                Assert.StartsWith(expected, reply, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("Auto-Submitted: auto-replied")]
    [InlineData("Content-Type: multipart/report; boundary=b")]
    public async Task What_the_mailbox_answers_by_itself_goes_nowhere(string field)
    {
        var reverse = await _smtpy.AddContactAsync();
        _smtpy.Authenticated = Me;
        Assert.StartsWith("250", await _smtpy.SendAsync(Me, reverse, $"From: {Me}\n{field}\nSubject: s\n\nbody\n"), StringComparison.Ordinal);
        Assert.Equal(DeliveryState.Discarded, Assert.Single(await _smtpy.DeliveriesAsync()).State);
    }

    [Fact]
    public async Task What_a_program_of_the_owner_made_is_held_for_them_to_release()
    {
        var reverse = await _smtpy.AddContactAsync();
        _smtpy.Authenticated = Me;
        Assert.StartsWith("250", await _smtpy.SendAsync(Me, reverse, "Auto-Submitted: auto-generated\n" + Mail(Me)), StringComparison.Ordinal);
        var delivery = Assert.Single(await _smtpy.DeliveriesAsync());
        Assert.Equal((DeliveryKind.Reply, DeliveryState.Held), (delivery.Kind, delivery.State));
        Assert.StartsWith("made by a program", delivery.Reason, StringComparison.Ordinal);
        Assert.Equal("owner@mailbox.test", Assert.Single(await _smtpy.NoticesAsync()).Recipient);
    }

    [Theory]
    [InlineData("Auto-Submitted: auto-replied", DeliveryState.Discarded)]
    [InlineData("Auto-Submitted: auto-generated", DeliveryState.Held)]
    public async Task What_a_program_wrote_begins_no_conversation_either(string field, DeliveryState expected)
    {
        _smtpy.Authenticated = Me;
        Assert.StartsWith("250", await _smtpy.SendAsync(Me, "shop+spy=evil.test@alias.test", field + "\n" + Mail(Me)), StringComparison.Ordinal);
        Assert.Equal((DeliveryKind.Reply, expected), Assert.Single((await _smtpy.DeliveriesAsync()).Select(static d => (d.Kind, d.State))));
        Assert.Empty(await _smtpy.AllAsync<Contact>());
    }

    [Fact]
    public async Task An_alias_that_is_switched_off_begins_conversations_all_the_same()
    {
        await _smtpy.ChangeAsync(context =>
        {
            context.Aliases.Single(a => a.Address == "shop@alias.test").Enabled = false;
            return Task.CompletedTask;
        });
        _smtpy.Authenticated = Me;
        Assert.StartsWith("250", await _smtpy.SendAsync(Me, "shop+bob=sender.test@alias.test", Mail(Me)), StringComparison.Ordinal);
        _smtpy.Authenticated = null;
        Assert.StartsWith("250", await _smtpy.SendAsync(Me, "shop+bob=sender.test@alias.test", Mail("jane@sender.test")), StringComparison.Ordinal);
        Assert.Equal(
            [(DeliveryKind.Reply, DeliveryState.Queued, "bob@sender.test"), (DeliveryKind.Forward, DeliveryState.Discarded, "")],
            (await _smtpy.DeliveriesAsync()).OrderBy(d => d.MessageId).Select(d => (d.Kind, d.State, d.Recipient)));
    }

    [Fact]
    public async Task A_proof_for_another_author_than_From_proves_nothing()
    {
        var reverse = await _smtpy.AddContactAsync();
        _smtpy.Authenticated = "mallory@mailbox.test";
        Assert.StartsWith("550 5.7.1", await _smtpy.SendAsync(Me, reverse, Mail(Me)), StringComparison.Ordinal);
        Assert.Empty(await _smtpy.DeliveriesAsync());
    }

    [Theory]
    [InlineData("stranger@sender.test")]
    [InlineData("else@mailbox.test")]
    [InlineData("me@mailbox.test, stranger@sender.test")]
    [InlineData("unverified@mailbox.test")]
    [InlineData("spare@mailbox.test")]
    public async Task A_stranger_is_refused_though_authenticated_and_nobody_is_bothered(string from)
    {
        // Verified ones of the account, too, where the alias names others as its own.
        await AddRecipientAsync("spare@mailbox.test", verified: true);
        await AddRecipientAsync("unverified@mailbox.test", verified: false);
        var reverse = await _smtpy.AddContactAsync();
        _smtpy.Authenticated = from.Split(',')[0];
        Assert.StartsWith("550 5.7.1 Only the owner", await _smtpy.SendAsync("x@sender.test", reverse, Mail(from)), StringComparison.Ordinal);
        Assert.Empty(await _smtpy.AllAsync<DeliveryRow>());
    }

    [Fact]
    public async Task Any_verified_mailbox_of_the_account_may_write_as_an_alias_without_recipients_of_its_own()
    {
        await _smtpy.AddAliasAsync("plain@alias.test");
        await AddRecipientAsync("spare@mailbox.test", verified: true);
        var reverse = await _smtpy.AddContactAsync("plain@alias.test");
        _smtpy.Authenticated = "spare@mailbox.test";
        Assert.StartsWith("250", await _smtpy.SendAsync("spare@mailbox.test", reverse, Mail("spare@mailbox.test")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(Me, "Auto-Submitted: auto-replied\r\n")]
    [InlineData(Me, "X-Autoreply: yes\r\n")]
    [InlineData(Me, "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n")]
    public async Task An_automatic_answer_of_the_mailbox_is_taken_and_goes_nowhere(string sender, string field)
    {
        var reverse = await _smtpy.AddContactAsync();
        _smtpy.Authenticated = Me;
        Assert.StartsWith("250", await _smtpy.SendAsync(sender, reverse, field + Mail(Me)), StringComparison.Ordinal);
        var delivery = Assert.Single(await _smtpy.DeliveriesAsync());
        Assert.Equal(DeliveryState.Discarded, delivery.State);
        Assert.StartsWith("an automatic answer", delivery.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replies_of_a_day_are_counted_by_account()
    {
        await using var smtpy = await ReceivingFixture.CreateAsync(new CorrespondenceOptions { Hostname = "mx.test", RepliesPerDay = 2 });
        var reverse = await smtpy.AddContactAsync();
        smtpy.Authenticated = Me;
        Assert.StartsWith("250", await smtpy.SendAsync(Me, reverse, Mail(Me)), StringComparison.Ordinal);
        Assert.StartsWith("250", await smtpy.SendAsync(Me, "shop+bob=sender.test@alias.test", Mail(Me)), StringComparison.Ordinal);
        Assert.StartsWith("452 4.7.1", await smtpy.SendAsync(Me, reverse, Mail(Me)), StringComparison.Ordinal);
        Assert.Equal(2, (await smtpy.DeliveriesAsync()).Count);
    }

    [Fact]
    public async Task The_plus_form_begins_a_conversation_for_the_owner()
    {
        _smtpy.Authenticated = Me;
        Assert.StartsWith("250", await _smtpy.SendAsync(Me, "shop+Bob+news=Sender.test@alias.test", Mail(Me)), StringComparison.Ordinal);
        var delivery = Assert.Single(await _smtpy.DeliveriesAsync());
        Assert.Equal(
            (DeliveryKind.Reply, DeliveryState.Queued, "shop@alias.test", "Bob+news@sender.test"),
            (delivery.Kind, delivery.State, delivery.AliasAddress, delivery.Recipient));
        var contact = Assert.Single(await _smtpy.AllAsync<Contact>());
        Assert.Equal(("shop@alias.test", "bob+news@sender.test"), (contact.AliasAddress, contact.Address));
        Assert.EndsWith("@mx.test", contact.ReverseAddress, StringComparison.Ordinal);

        // Now they are one, and answering them by the reverse address works.
        Assert.StartsWith("250", await _smtpy.SendAsync(Me, contact.ReverseAddress, Mail(Me)), StringComparison.Ordinal);
        Assert.StartsWith("250", await _smtpy.SendAsync(Me, "shop+bob+news=sender.test@alias.test", Mail(Me)), StringComparison.Ordinal);
        Assert.Single(await _smtpy.AllAsync<Contact>());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("stranger@sender.test")]
    public async Task From_anybody_else_the_plus_form_is_an_extension(string? from)
    {
        _smtpy.Authenticated = from;
        Assert.StartsWith("250", await _smtpy.SendAsync(Me, "shop+bob=sender.test@alias.test", Mail(from ?? Me)), StringComparison.Ordinal);
        var delivery = Assert.Single(await _smtpy.DeliveriesAsync());
        Assert.Equal((DeliveryKind.Forward, Me), (delivery.Kind, delivery.Recipient));
    }

    [Fact]
    public async Task An_address_that_only_the_catch_all_takes_can_send()
    {
        await _smtpy.ChangeAsync(context =>
        {
            context.Domains.Single(d => d.Name == "alias.test").CatchAll = true;
            return Task.CompletedTask;
        });
        _smtpy.Authenticated = "owner@mailbox.test";
        Assert.StartsWith(
            "250", await _smtpy.SendAsync(Me, "anything+bob=sender.test@alias.test", Mail("owner@mailbox.test")), StringComparison.Ordinal);
        var delivery = Assert.Single(await _smtpy.DeliveriesAsync());
        Assert.Equal(
            (DeliveryKind.Reply, "anything@alias.test", "bob@sender.test", (Guid?)null),
            (delivery.Kind, delivery.AliasAddress, delivery.Recipient, delivery.AliasId));
    }

    [Theory]
    [InlineData("shop+jane=sender.test", "shop", "jane@sender.test")]
    [InlineData("shop+a=b=sender.test", "shop", "a=b@sender.test")]
    [InlineData("shop+jane+tag=sender.test", "shop", "jane+tag@sender.test")]
    [InlineData("shop+jane", null, null)]
    [InlineData("shop+jane=", null, null)]
    [InlineData("shop+=sender.test", null, null)]
    [InlineData("+jane=sender.test", null, null)]
    [InlineData("shop=jane+x", null, null)]
    [InlineData("shop+campaign=summer", null, null)]
    [InlineData("shop+a b=sender.test", null, null)]
    [InlineData("shop+jane=-sender..test", null, null)]
    public void The_last_equals_sign_stands_for_the_at(string localPart, string? alias, string? contact)
    {
        Assert.Equal(alias is not null, SendAddress.TryParse(localPart, out var address));
        Assert.Equal((alias, contact), (address?.Alias, address?.Contact.Address));
    }

    private static string Mail(string from) => $"From: {from}\r\nSubject: Re: s\r\n\r\nbody\r\n";

    private async Task<Guid> AliasIdAsync() => (await _smtpy.AllAsync<Core.Aliases.Alias>()).Single(a => a.Address == "shop@alias.test").Id;

    private Task AddRecipientAsync(string email, bool verified) => _smtpy.ChangeAsync(async context => await context.Recipients.AddAsync(
        new Recipient
        {
            AccountId = _smtpy.Owner,
            Email = email,
            CreatedAt = _smtpy.Time.GetUtcNow(),
            VerifiedAt = verified ? _smtpy.Time.GetUtcNow() : null,
        },
        TestContext.Current.CancellationToken));
}
