using Smtpy.Core.Storage;
using Smtpy.Mail.Client;
using Smtpy.Mail.Messages;
using Smtpy.Smtp.Deliver;
using Smtpy.Smtp.Rewrite;
using Smtpy.Smtp.Tests.Deliver;
using Smtpy.Tests.Support;
using Xunit;

namespace Smtpy.Smtp.Tests.Rewrite;

public sealed class WholeMessagesTests
{
    private const int Megabyte = 1024 * 1024;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_does_not_fit_waits_until_there_is_room_and_small_messages_never_do()
    {
        using var messages = Messages(10 * Megabyte);
        var first = await messages.EnterAsync(6 * Megabyte, Cancellation);
        var second = messages.EnterAsync(6 * Megabyte, Cancellation).AsTask();
        (await messages.EnterAsync(200 * 1024, Cancellation)).Dispose();
        Assert.False(second.IsCompleted);

        first.Dispose();

        (await second.WaitAsync(Until.Patience, Cancellation)).Dispose();
    }

    [Fact]
    public async Task A_message_larger_than_all_room_takes_all_of_it()
    {
        using var messages = Messages(10 * Megabyte);
        using var large = await messages.EnterAsync(40 * Megabyte, Cancellation);
        Assert.False(messages.EnterAsync(Megabyte, Cancellation).AsTask().IsCompleted);
    }

    [Fact]
    public async Task What_was_handed_on_is_given_back_by_whom_it_went_to()
    {
        using var messages = Messages(Megabyte);
        IDisposable? handed;
        using (var room = await messages.EnterAsync(Megabyte, Cancellation))
        {
            handed = room.HandOn();
        }

        var next = messages.EnterAsync(Megabyte, Cancellation).AsTask();
        Assert.False(next.IsCompleted);
        handed!.Dispose();
        (await next.WaitAsync(Until.Patience, Cancellation)).Dispose();
    }

    [Fact]
    public async Task Room_is_held_until_the_message_is_sent()
    {
        await using var sink = new Smtpy.Tests.Support.ScriptedPeer.SinkServer();
        await using var fixture = new QueueFixture(QueueFixture.Relay(sink.EndPoint));
        var (reached, hold) = (new TaskCompletionSource(), new TaskCompletionSource());
        sink.BeforeEnd = () =>
        {
            reached.SetResult();
            return hold.Task;
        };
        using var messages = Messages(Megabyte);
        var room = await messages.EnterAsync(Megabyte, Cancellation);
        fixture.Queue.Enqueue(new OutboundMessage
        {
            MessageId = 1,
            Composer = (content, _) => ValueTask.FromResult(Composition.Of(new ComposedMessage("b@client.example", "X: 1\r\n"u8.ToArray(), content), room.HandOn())),
            Content = new InMemoryContent("Subject: s\r\n\r\nb\r\n"u8.ToArray()),
            Recipients = [new OutboundRecipient(new DeliveryKey(1, 0), "a@one.example", 0)],
            ReceivedAt = fixture.Time.GetUtcNow(),
        });
        await reached.Task.WaitAsync(Until.Patience, Cancellation);
        var next = messages.EnterAsync(Megabyte, Cancellation).AsTask();
        Assert.False(next.IsCompleted);

        hold.SetResult();

        (await next.WaitAsync(Until.Patience, Cancellation)).Dispose();
        await fixture.Store.WaitAsync(1);
    }

    private static WholeMessages Messages(long octets) =>
        new(new RewriteOptions { Hostname = "mx.test", PublicUrl = new Uri("https://smtpy.test"), WholeMessageOctets = octets });
}
