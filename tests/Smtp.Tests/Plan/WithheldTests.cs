using Smtpy.Core.Storage;
using Smtpy.Tests.Support;
using Xunit;

namespace Smtpy.Smtp.Tests.Plan;

public sealed class WithheldTests : IAsyncLifetime
{
    private ReceivingFixture _smtpy = null!;

    public async ValueTask InitializeAsync() => _smtpy = await ReceivingFixture.CreateAsync();

    public ValueTask DisposeAsync() => _smtpy.DisposeAsync();

    [Fact]
    public async Task The_owner_is_told_of_a_copy_that_is_held_because_another_alias_takes_the_message()
    {
        await _smtpy.AddAliasAsync("news@alias.test", "me@mailbox.test");
        await _smtpy.AddContactAsync(blocked: true);
        _smtpy.Authenticated = ReceivingFixture.Jane;

        var reply = await _smtpy.SendAsync(
            ReceivingFixture.Stranger(), ReceivingFixture.Jane, ["shop@alias.test", "news@alias.test"], $"From: {ReceivingFixture.Jane}\nSubject: s\n\nbody\n");

        Assert.StartsWith("250", reply, StringComparison.Ordinal);
        Assert.Equal(
            [("news@alias.test", DeliveryState.Queued), ("shop@alias.test", DeliveryState.Held)],
            (await _smtpy.DeliveriesAsync()).Select(static d => (d.AliasAddress, d.State)).Order());
        await Until.TrueAsync("a notice is queued", async () => (await _smtpy.NoticesAsync()).Count == 1);
        Assert.Equal("owner@mailbox.test", (await _smtpy.NoticesAsync())[0].Recipient);
    }

    [Fact]
    public async Task What_is_refused_altogether_brings_no_notice()
    {
        await _smtpy.AddContactAsync(blocked: true);
        _smtpy.Authenticated = ReceivingFixture.Jane;
        Assert.StartsWith(
            "550", await _smtpy.SendAsync(ReceivingFixture.Jane, "shop@alias.test", $"From: {ReceivingFixture.Jane}\nSubject: s\n\nbody\n"), StringComparison.Ordinal);
        Assert.Empty(await _smtpy.NoticesAsync());
        Assert.Empty(await _smtpy.DeliveriesAsync());
    }
}
