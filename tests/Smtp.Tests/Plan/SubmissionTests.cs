using Smtpy.Core.Aliases;
using Smtpy.Core.Contacts;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Submit;
using Xunit;

namespace Smtpy.Smtp.Tests.Plan;

/// <summary>A signed-in client sends as its account's aliases, to anybody. Nobody else sends anywhere.</summary>
public sealed class SubmissionTests : IAsyncLifetime
{
    private const string Shop = "shop@alias.test";
    private ReceivingFixture _smtpy = null!;

    public async ValueTask InitializeAsync()
    {
        _smtpy = await ReceivingFixture.CreateAsync();
        await _smtpy.AddAliasAsync("news@alias.test", "me@mailbox.test");
        await _smtpy.AddAliasAsync("theirs@other.test", "else@mailbox.test");
    }

    public ValueTask DisposeAsync() => _smtpy.DisposeAsync();

    [Fact]
    public async Task Each_recipient_becomes_a_contact_of_the_alias_and_gets_mail_from_it()
    {
        Assert.StartsWith("250", await SubmitAsync(Shop, ["Jane@Sender.test", "theirs@other.test"]), StringComparison.Ordinal);
        var deliveries = await _smtpy.DeliveriesAsync();
        Assert.Equal(["Jane@Sender.test", "theirs@other.test"], deliveries.Select(d => d.Recipient));
        Assert.All(deliveries, d => Assert.Equal(
            (DeliveryKind.Reply, DeliveryState.Queued, Shop, (Guid?)_smtpy.Owner), (d.Kind, d.State, d.AliasAddress, d.AccountId)));
        Assert.Equal(MessageOrigin.Submission, Assert.Single(await _smtpy.AllAsync<MessageRow>()).Origin);
        Assert.Equal(["jane@sender.test", "theirs@other.test"], (await _smtpy.AllAsync<Contact>()).Select(c => c.Address).Order());
    }

    [Theory]
    [InlineData("me@mailbox.test")]
    [InlineData("theirs@other.test")]
    [InlineData("nobody@alias.test")]
    [InlineData("off@alias.test")]
    [InlineData("postmaster@mx.test")]
    [InlineData("")]
    public async Task The_envelope_sender_must_be_an_enabled_alias_of_the_account(string sender)
    {
        await _smtpy.AddAliasAsync("off@alias.test", "me@mailbox.test");
        await _smtpy.ChangeAsync(context =>
        {
            context.Aliases.Single(a => a.Address == "off@alias.test").Enabled = false;
            return Task.CompletedTask;
        });
        Assert.StartsWith("550 5.7.1", await SubmitAsync(sender, [ReceivingFixture.Jane]), StringComparison.Ordinal);
        Assert.Empty(await _smtpy.AllAsync<MessageRow>());
    }

    [Fact]
    public async Task A_password_of_one_alias_sends_as_that_one_only()
    {
        var alias = (await _smtpy.AllAsync<Alias>()).Single(a => a.Address == Shop).Id;
        var peer = _smtpy.SignedIn(alias: alias);
        Assert.StartsWith("250", await _smtpy.SendAsync(peer, Shop, [ReceivingFixture.Jane], Mail(Shop)), StringComparison.Ordinal);
        Assert.StartsWith(
            "550 5.7.1", await _smtpy.SendAsync(peer, "news@alias.test", [ReceivingFixture.Jane], Mail("news@alias.test")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("news@alias.test")]
    [InlineData("me@mailbox.test")]
    [InlineData("shop@alias.test, news@alias.test")]
    [InlineData("")]
    public async Task From_must_be_the_alias_that_it_is_sent_as_and_the_refusal_names_both(string from)
    {
        var reply = await _smtpy.SendAsync(_smtpy.SignedIn(), Shop, [ReceivingFixture.Jane], Mail(from));
        Assert.StartsWith("550 5.7.1 From names <", reply, StringComparison.Ordinal);
        Assert.Contains("<" + Shop + ">", reply, StringComparison.Ordinal);
        Assert.Empty(await _smtpy.AllAsync<MessageRow>());
    }

    [Fact]
    public async Task A_reverse_address_leads_to_its_contact_for_its_own_alias_only()
    {
        var reverse = await _smtpy.AddContactAsync();
        Assert.StartsWith("250", await SubmitAsync(Shop, [reverse]), StringComparison.Ordinal);
        Assert.Equal(ReceivingFixture.Jane, Assert.Single(await _smtpy.DeliveriesAsync()).Recipient);
        var refused = await SubmitAsync("news@alias.test", [reverse]);
        Assert.StartsWith("550 5.7.1", refused, StringComparison.Ordinal);
        Assert.Contains(Shop, refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_accounts_reverse_address_is_unknown()
    {
        var reverse = await _smtpy.AddContactAsync("theirs@other.test", "bob@sender.test");
        Assert.StartsWith("550 5.1.1", await SubmitAsync(Shop, [reverse]), StringComparison.Ordinal);
        Assert.StartsWith("550 5.1.1", await SubmitAsync(Shop, ["nobody@alias.test"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recipients_of_a_day_are_counted_by_account()
    {
        await using var smtpy = await ReceivingFixture.CreateAsync(new CorrespondenceOptions { Hostname = "mx.test", SubmissionsPerDay = 2 });
        Assert.StartsWith(
            "452 4.5.3", await smtpy.SendAsync(smtpy.SignedIn(), Shop, ["a@sender.test", "b@sender.test", "c@sender.test"], Mail(Shop)), StringComparison.Ordinal);
        Assert.StartsWith("452 4.5.3", await smtpy.SendAsync(smtpy.SignedIn(), Shop, ["d@sender.test"], Mail(Shop)), StringComparison.Ordinal);
        smtpy.Time.Advance(TimeSpan.FromDays(1));
        Assert.StartsWith("250", await smtpy.SendAsync(smtpy.SignedIn(), Shop, ["d@sender.test"], Mail(Shop)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ListenerKind.Mx)]
    [InlineData(ListenerKind.Submission)]
    [InlineData(ListenerKind.SubmissionTls)]
    public async Task Who_has_not_signed_in_sends_nowhere_whatever_they_say_to_be(ListenerKind listener)
    {
        _smtpy.Authenticated = "owner@mailbox.test";
        foreach (var sender in new[] { "", Shop, "owner@mailbox.test", "x@sender.test" })
        {
            foreach (var recipient in new[] { ReceivingFixture.Jane, "jane%sender.test@foreign.test", "shop+jane=sender.test@foreign.test" })
            {
                Assert.StartsWith(
                    "550 5.7.1 Relaying denied", await _smtpy.SendAsync(ReceivingFixture.Stranger(listener), sender, [recipient], Mail(Shop)),
                    StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task An_identity_on_the_MX_listener_opens_nothing()
    {
        var peer = ReceivingFixture.Stranger();
        peer.Identity = _smtpy.SignedIn().Identity;
        Assert.StartsWith("550 5.7.1 Relaying denied", await _smtpy.SendAsync(peer, Shop, [ReceivingFixture.Jane], Mail(Shop)), StringComparison.Ordinal);
    }

    private Task<string> SubmitAsync(string sender, string[] recipients) => _smtpy.SendAsync(_smtpy.SignedIn(), sender, recipients, Mail(sender));

    private static string Mail(string from) => $"From: {from}\r\nBcc: secret@sender.test\r\nSubject: s\r\n\r\nbody\r\n";
}
