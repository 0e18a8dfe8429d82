using Smtpy.Core.Storage;
using Smtpy.Mail.Messages;
using Smtpy.Smtp.Deliver;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Route;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;

namespace Smtpy.Smtp.Tests.Deliver;

/// <summary>Recipients that one message cannot serve go on one by one.</summary>
public sealed class ApartTests : IOutboundComposer
{
    private int _asked;
    private int _released;

    [Fact]
    public async Task Each_recipient_gets_a_message_and_the_octets_are_released_after_the_last()
    {
        await using var sink = new SinkServer();
        await using var fixture = new QueueFixture(QueueFixture.Relay(sink.EndPoint));
        Deliver(fixture);
        var reports = await fixture.Store.WaitAsync(3);
        Assert.All(reports, report => Assert.Equal(DeliveryState.Delivered, report.State));
        Assert.Equal([0, 1, 2], reports.Select(report => report.Key.Ordinal).Order());
        Assert.Equal(4, Volatile.Read(ref _asked));
        await fixture.Service.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, Volatile.Read(ref _released));
        Assert.True(fixture.Queue.HasRoom(1));
    }

    [Fact]
    public async Task Captured_ones_have_a_head_of_their_own()
    {
        await using var fixture = new QueueFixture(new DeliveryOptions { Mode = DeliveryMode.Capture, Hostname = "client.example" });
        Deliver(fixture);
        var reports = await fixture.Store.WaitAsync(3);
        Assert.Equal(
            ["X-To: a@one.example\r\n", "X-To: b@one.example\r\n", "X-To: c@one.example\r\n"],
            reports.Select(report => System.Text.Encoding.ASCII.GetString(report.Capture!.Head.Span)).Order());
        await fixture.Service.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, Volatile.Read(ref _released));
    }

    ValueTask<Composition> IOutboundComposer.ComposeAsync(
        IReadOnlyList<DueDelivery> deliveries, Judgement? judgement, MessageContent content, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _asked);
        return ValueTask.FromResult(deliveries.Count > 1
            ? Composition.Apart
            : Composition.Of(new ComposedMessage("b@x.example", System.Text.Encoding.ASCII.GetBytes($"X-To: {deliveries[0].Recipient}\r\n"), content)));
    }

    private void Deliver(QueueFixture fixture)
    {
        DueDelivery[] due = [fixture.Due(1, 0, "a@one.example"), fixture.Due(1, 1, "b@one.example"), fixture.Due(1, 2, "c@one.example")];
        fixture.Queue.Enqueue(new OutboundMessages(this).Make(
            due, null, new InMemoryContent("Subject: s\r\n\r\nb\r\n"u8.ToArray()), () => Interlocked.Increment(ref _released)));
    }
}
