using Smtpy.Core.Rules;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Tests.Plan;
using Xunit;

namespace Smtpy.Smtp.Tests.Receive;

/// <summary>postmaster and abuse hear everybody (RFC 5321 section 4.5.1, RFC 2142).</summary>
public sealed class RoleMailTests : IAsyncLifetime
{
    private const string Content = "From: <" + ReceivingFixture.Jane + ">\r\nSubject: your server\r\n\r\nbody\r\n";

    private ReceivingServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ReceivingServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("postmaster@alias.test", false)]
    [InlineData("abuse@alias.test", false)]
    [InlineData("Abuse@alias.test", true)]
    public async Task What_the_judges_would_refuse_is_forwarded(string role, bool isAlias)
    {
        await MakeAsync(role, isAlias);
        _server.Smtpy.Judged = new Judgement
        {
            From = ReceivingFixture.Jane,
            Dmarc = new DmarcJudgement("fail", "reject", "reject", "sender.test"),
            Spam = new SpamJudgement(99, 15, "reject"),
        };
        Assert.StartsWith("550 5.7.1", await _server.SendAsync("shop@alias.test", Content), StringComparison.Ordinal);

        Assert.StartsWith("250", await _server.SendAsync(role, Content), StringComparison.Ordinal);

        Assert.Equal(DeliveryState.Queued, Assert.Single(await _server.Smtpy.DeliveriesAsync()).State);
        Assert.Contains("reject", Assert.Single(await _server.Smtpy.AllAsync<MessageRow>()).Judgement, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postmaster@alias.test", false)]
    [InlineData("abuse@alias.test", true)]
    public async Task A_blocked_sender_is_held_and_not_refused(string role, bool isAlias)
    {
        await MakeAsync(role, isAlias);
        await _server.Smtpy.ChangeAsync(async context => await context.Set<SenderRule>().AddAsync(new SenderRule
        {
            AccountId = _server.Smtpy.Owner,
            Sender = ReceivingFixture.Jane,
            Verdict = SenderVerdict.Block,
            CreatedAt = _server.Smtpy.Time.GetUtcNow(),
        }));
        Assert.StartsWith("550 5.7.1", await _server.SendAsync("shop@alias.test", Content), StringComparison.Ordinal);

        Assert.StartsWith("250", await _server.SendAsync(role, Content), StringComparison.Ordinal);

        var delivery = Assert.Single(await _server.Smtpy.DeliveriesAsync());
        Assert.Equal(DeliveryState.Held, delivery.State);
        Assert.Contains("is blocked", delivery.Reason, StringComparison.Ordinal);
    }

    private async Task MakeAsync(string role, bool isAlias)
    {
        if (isAlias)
        {
            await _server.Smtpy.AddAliasAsync(role, "me@mailbox.test");
        }
    }
}
