using Smtpy.Core.Rules;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;
using Smtpy.Tests.Support;
using Xunit;

namespace Smtpy.Smtp.Tests.Plan;

/// <summary>Whom an owner's rules are about, and what of refused mail the owner sees.</summary>
public sealed class StandingTests : IAsyncLifetime
{
    private ReceivingFixture _smtpy = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _smtpy = await ReceivingFixture.CreateAsync();

    public ValueTask DisposeAsync() => _smtpy.DisposeAsync();

    [Theory]
    [InlineData("x@elsewhere.test", "ceo@corp.test", DeliveryState.Queued)]
    [InlineData("x@corp.test", "ceo@bank.test", DeliveryState.Held)]
    [InlineData("SRS0=aa=bb=corp.test=x@evil.test", "ceo@bank.test", DeliveryState.Held)]
    [InlineData("x@corp.test", "", DeliveryState.Held)]
    public async Task Who_is_let_through_is_let_through_by_From_and_not_by_an_envelope(string envelope, string from, DeliveryState expected)
    {
        await RuleAsync("@corp.test", SenderVerdict.LetThrough);
        await KnownSendersOnlyAsync();
        Assert.StartsWith("250", await SendAsync(envelope, from), StringComparison.Ordinal);
        Assert.Equal(expected, Assert.Single(await _smtpy.DeliveriesAsync()).State);
    }

    [Theory]
    [InlineData("x@corp.test", "ceo@bank.test")]
    [InlineData("x@elsewhere.test", "ceo@corp.test")]
    [InlineData("x@elsewhere.test", "ceo@bank.test, second@corp.test")]
    [InlineData("SRS0=aa=bb=corp.test=x@forwarder.test", "ceo@bank.test")]
    public async Task Who_is_blocked_is_blocked_by_every_address_that_may_be_theirs(string envelope, string from)
    {
        await RuleAsync("@corp.test", SenderVerdict.Block);
        await RuleAsync("@bank.test", SenderVerdict.LetThrough);
        Assert.StartsWith("550 5.7.1", await SendAsync(envelope, from), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_goes_round_is_put_down_for_its_owner()
    {
        var hops = string.Concat(Enumerable.Repeat("Received: from a by b; x\n", 51));
        Assert.StartsWith("554 5.4.6", await _smtpy.SendAsync("x@sender.test", "shop@alias.test", hops + "From: x@sender.test\n\nbody\n"), StringComparison.Ordinal);
        var refusal = Assert.Single(await RefusalsAsync(1));
        Assert.Equal((_smtpy.Owner, "shop@alias.test", "x@sender.test"), (refusal.AccountId, refusal.AliasAddress, refusal.Sender));
        Assert.StartsWith("554 5.4.6", refusal.Reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_owners_own_mail_program_may_not_send_is_put_down_too()
    {
        Assert.StartsWith("550 5.7.1", await _smtpy.SendAsync(_smtpy.SignedIn(), "shop@other.test", [ReceivingFixture.Jane], "x"), StringComparison.Ordinal);
        Assert.StartsWith("550 5.1.1", await _smtpy.SendAsync(_smtpy.SignedIn(), "shop@alias.test", ["nobody@alias.test"], "x"), StringComparison.Ordinal);
        var refusals = await RefusalsAsync(2);
        Assert.Equal(["shop@alias.test", "shop@other.test"], refusals.Select(static r => r.AliasAddress).Order());
        Assert.All(refusals, r => Assert.Equal(_smtpy.Owner, r.AccountId));
    }

    [Fact]
    public async Task Whoever_is_flooded_with_refusals_leaves_room_for_those_of_others()
    {
        for (var i = 0; i < 70; i++)
        {
            Assert.StartsWith("550 5.1.1", await _smtpy.SendAsync("x@sender.test", $"guess{i}@alias.test", "x"), StringComparison.Ordinal);
        }

        await _smtpy.SendAsync("x@sender.test", "nobody@other.test", "x");
        var refusals = await RefusalsAsync(61);
        Assert.Equal((60, 1), (refusals.Count(r => r.AccountId == _smtpy.Owner), refusals.Count(r => r.AccountId == _smtpy.Other)));
        _smtpy.Time.Advance(TimeSpan.FromMinutes(1));
        await _smtpy.SendAsync("x@sender.test", "another@alias.test", "x");
        await RefusalsAsync(62);
    }

    [Fact]
    public async Task What_is_stored_is_accepted_whatever_fails_after_it_and_stays_due()
    {
        _smtpy.FailsToHandOn = true;
        Assert.StartsWith("250", await SendAsync("x@sender.test", "x@sender.test"), StringComparison.Ordinal);
        _smtpy.FailsToHandOn = false;
        Assert.Equal("me@mailbox.test", Assert.Single(await _smtpy.Store.LeaseDueAsync(10, Cancellation)).Recipient);
    }

    [Fact]
    public async Task A_stranger_waits_for_the_answer_and_leaves_nothing_behind_until_then_and_a_contact_does_not_wait()
    {
        await using var smtpy = await ReceivingFixture.CreateAsync(firstSenderDelay: TimeSpan.FromHours(1));
        await smtpy.AddContactAsync();
        var stranger = smtpy.SendAsync("x@sender.test", "shop@alias.test", "From: x@sender.test\nSubject: s\n\nbody\n");
        Assert.StartsWith("250", await smtpy.SendAsync(ReceivingFixture.Jane, "shop@alias.test", $"From: {ReceivingFixture.Jane}\nSubject: s\n\nbody\n"), StringComparison.Ordinal);
        Assert.False(stranger.IsCompleted);
        Assert.Equal(ReceivingFixture.Jane, Assert.Single(await smtpy.AllAsync<MessageRow>()).Sender);
    }

    private Task<string> SendAsync(string envelope, string from) =>
        _smtpy.SendAsync(envelope, "shop@alias.test", (from.Length == 0 ? "" : $"From: {from}\n") + "Subject: s\n\nbody\n");

    private Task RuleAsync(string sender, SenderVerdict verdict) => _smtpy.ChangeAsync(async context => await context.SenderRules.AddAsync(
        new SenderRule { AccountId = _smtpy.Owner, Sender = sender, Verdict = verdict, CreatedAt = _smtpy.Time.GetUtcNow() }, Cancellation));

    private Task KnownSendersOnlyAsync() => _smtpy.ChangeAsync(context =>
    {
        context.Aliases.Single(static a => a.Address == "shop@alias.test").KnownSendersOnly = true;
        return Task.CompletedTask;
    });

    /// <summary>They are put down behind the answer's back.</summary>
    private async Task<List<RefusalRow>> RefusalsAsync(int count)
    {
        await Until.TrueAsync("refusals are put down", async () => (await _smtpy.AllAsync<RefusalRow>()).Count >= count);
        return await _smtpy.AllAsync<RefusalRow>();
    }
}
