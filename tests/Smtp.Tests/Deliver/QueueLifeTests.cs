using Smtpy.Core.Storage;
using Smtpy.Smtp.Deliver;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;

namespace Smtpy.Smtp.Tests.Deliver;

public sealed class QueueLifeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Captured_messages_keep_their_head_until_they_are_recorded()
    {
        var commit = new TaskCompletionSource();
        await using var fixture = new QueueFixture(new DeliveryOptions { Mode = DeliveryMode.Capture, Hostname = "client.example" });
        fixture.Store.BeforeRecord = _ => commit.Task;
        fixture.Enqueue(1, "a@one.example", "b@two.example");
        Assert.Equal(0, fixture.Released);
        commit.SetResult();
        var reports = await fixture.Store.WaitAsync(2);
        Assert.All(reports, report => Assert.Equal((DeliveryState.Captured, "bounce@client.example"), (report.State, report.Capture!.ReturnPath)));
        Assert.Equal("X-Id: 1\r\n"u8.ToArray(), reports[0].Capture!.Head.ToArray());
        await fixture.Service.StopAsync(Cancellation);
        Assert.Equal(1, fixture.Released);
    }

    [Fact]
    public async Task Memory_is_bounded_in_octets_and_in_messages_and_comes_back()
    {
        var hold = new TaskCompletionSource();
        await using var sink = new SinkServer { BeforeEnd = () => hold.Task };
        await using var fixture = new QueueFixture(QueueFixture.Relay(sink.EndPoint) with { MemoryOctets = 100, MemoryMessages = 3 });
        Assert.True(fixture.Queue.HasRoom(100));
        Assert.False(fixture.Queue.HasRoom(101));
        fixture.Enqueue(1, "a@one.example");
        Assert.False(fixture.Queue.HasRoom(84));
        fixture.Enqueue(2, "a@one.example");
        Assert.True(fixture.Queue.HasRoom(1));
        fixture.Enqueue(3, "a@one.example");
        Assert.False(fixture.Queue.HasRoom(1));
        hold.SetResult();
        await fixture.Store.WaitAsync(3);
        await fixture.Service.StopAsync(Cancellation);
        Assert.True(fixture.Queue.HasRoom(100));
        Assert.Equal(3, fixture.Released);
    }

    [Fact]
    public async Task An_outcome_that_cannot_be_recorded_is_tried_again_until_it_is()
    {
        var failures = 5;
        var recorded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var sink = new SinkServer();
        await using var fixture = new QueueFixture(QueueFixture.Relay(sink.EndPoint));
        fixture.Store.BeforeRecord = _ =>
        {
            if (Interlocked.Decrement(ref failures) >= 0)
            {
                throw new StorageException("disk");
            }

            recorded.SetResult();
            return Task.CompletedTask;
        };
        fixture.Enqueue(1, "a@one.example");

        // Not before it is delivered: the time of its connection would be over in a moment, too.
        await WaitUntilAsync(() => fixture.Store.RecordAttempts > 0);
        await fixture.Time.AdvanceUntilAsync(recorded.Task, TimeSpan.FromSeconds(1));
        Assert.Equal(DeliveryState.Delivered, Assert.Single(await fixture.Store.WaitAsync(1)).State);
        Assert.Equal(6, fixture.Store.RecordAttempts);
        Assert.Single(sink.Mail);
    }

    [Fact]
    public async Task Workers_wait_while_too_many_outcomes_are_unrecorded()
    {
        var commit = new TaskCompletionSource();
        await using var sink = new SinkServer();
        await using var fixture = new QueueFixture(QueueFixture.Relay(sink.EndPoint) with { RelayConnections = 1, UnrecordedOutcomes = 2 });
        fixture.Store.BeforeRecord = _ => commit.Task;
        for (var i = 0; i < 10; i++)
        {
            fixture.Enqueue(i, "a@one.example");
        }

        await sink.WaitForMailAsync(2);
        Assert.Equal(2, sink.Mail.Count);
        Assert.InRange(fixture.Store.RecordAttempts, 1, 2);
        commit.SetResult();
        await fixture.Store.WaitAsync(10);
        Assert.Equal(10, sink.Mail.Count);
    }

    [Fact]
    public async Task Due_deliveries_are_taken_up_and_share_a_transaction_where_they_can()
    {
        await using var sink = new SinkServer();
        await using var fixture = new QueueFixture(QueueFixture.Mx(sink.EndPoint.Port));
        fixture.Store.Due.Enqueue(fixture.Due(7, 0, "a@one.example"));
        fixture.Store.Due.Enqueue(fixture.Due(7, 1, "b@ONE.example"));
        fixture.Store.Due.Enqueue(fixture.Due(7, 2, "c@two.example"));
        fixture.Store.Due.Enqueue(fixture.Due(7, 3, "d@one.example", alias: "other@client.example"));
        await fixture.Service.StartAsync(Cancellation);
        fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.All(await fixture.Store.WaitAsync(4), report => Assert.Equal(DeliveryState.Delivered, report.State));
        Assert.Equal(
            ["RCPT TO:<a@one.example> RCPT TO:<b@ONE.example>", "RCPT TO:<c@two.example>", "RCPT TO:<d@one.example>"],
            sink.Mail.Select(mail => string.Join(' ', mail.Recipients)).Order());
        Assert.All(sink.Mail, mail => Assert.Equal("X-Again: 1\r\nSubject: s\r\n\r\nb\r\n.\r\n", mail.Data));
    }

    [Fact]
    public async Task A_message_that_cannot_be_composed_or_read_is_deferred_and_others_go_on()
    {
        await using var sink = new SinkServer();
        await using var fixture = new QueueFixture(QueueFixture.Relay(sink.EndPoint));
        fixture.ComposeFailure = new InvalidOperationException("bug");
        fixture.Store.Due.Enqueue(fixture.Due(1, 0, "a@one.example"));
        fixture.Store.Due.Enqueue(fixture.Due(2, 0, "a@one.example"));
        fixture.Store.Due.Enqueue(fixture.Due(3, 0, "a@one.example"));
        fixture.Store.Parts.TryRemove((2, 0), out _);
        await fixture.Service.StartAsync(Cancellation);
        fixture.Time.Advance(TimeSpan.FromSeconds(1));
        var reports = (await fixture.Store.WaitAsync(3)).OrderBy(report => report.Key.MessageId).ToArray();
        Assert.Equal([DeliveryState.Queued, DeliveryState.Queued, DeliveryState.Delivered], reports.Select(report => report.State));
        Assert.StartsWith("451 4.3.5", reports[0].Reply, StringComparison.Ordinal);
        Assert.StartsWith("451 4.3.0", reports[1].Reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_may_not_be_sent_is_held_with_the_reason_and_nothing_reaches_the_destination()
    {
        await using var sink = new SinkServer();
        await using var fixture = new QueueFixture(QueueFixture.Relay(sink.EndPoint)) { Refusal = Composition.Held("the key has expired") };
        fixture.Store.Due.Enqueue(fixture.Due(1, 0, "a@one.example"));
        await fixture.Service.StartAsync(Cancellation);
        fixture.Time.Advance(TimeSpan.FromSeconds(1));
        var report = Assert.Single(await fixture.Store.WaitAsync(1));
        Assert.Equal((DeliveryState.Held, "the key has expired"), (report.State, report.Reply));
        Assert.Empty(sink.Mail);
    }

    [Fact]
    public async Task Stopping_lets_what_is_under_way_finish_and_gives_the_rest_back()
    {
        var underWay = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var hold = new TaskCompletionSource();
        await using var sink = new SinkServer();
        sink.BeforeEnd = () =>
        {
            underWay.TrySetResult();
            return hold.Task;
        };
        await using var fixture = new QueueFixture(QueueFixture.Relay(sink.EndPoint) with { RelayConnections = 1 });
        fixture.Enqueue(1, "a@one.example");
        await underWay.Task;
        fixture.Enqueue(2, "a@one.example", "b@one.example");
        var stopping = fixture.Service.StopAsync(Cancellation);
        fixture.Enqueue(3, "a@one.example");
        hold.SetResult();
        await stopping;
        var report = Assert.Single(fixture.Store.Reports);
        Assert.Equal((new DeliveryKey(1, 0), DeliveryState.Delivered), (report.Key, report.State));
        Assert.Equal([new DeliveryKey(2, 0), new DeliveryKey(2, 1), new DeliveryKey(3, 0)], fixture.Store.GivenBack);
        Assert.Equal(3, fixture.Released);
    }

    [Fact]
    public async Task What_does_not_finish_in_time_is_given_back()
    {
        var underWay = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var hold = new TaskCompletionSource();
        await using var sink = new SinkServer();
        sink.BeforeEnd = () =>
        {
            underWay.TrySetResult();
            return hold.Task;
        };
        await using var fixture = new QueueFixture(QueueFixture.Relay(sink.EndPoint));
        fixture.Enqueue(1, "a@one.example");
        await underWay.Task;
        var stopping = fixture.Service.StopAsync(Cancellation);
        await fixture.Time.AdvanceUntilAsync(stopping, TimeSpan.FromSeconds(1));
        hold.SetResult();
        Assert.Empty(fixture.Store.Reports);
        Assert.Equal([new DeliveryKey(1, 0)], fixture.Store.GivenBack);
        Assert.Equal(1, fixture.Released);
    }

    [Fact]
    public async Task A_lost_lease_drops_what_waits_without_an_outcome_and_keeps_what_is_under_way_out_of_the_next_poll()
    {
        var underWay = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var hold = new TaskCompletionSource();
        await using var sink = new SinkServer();
        sink.BeforeEnd = () =>
        {
            underWay.TrySetResult();
            return hold.Task;
        };
        await using var fixture = new QueueFixture(QueueFixture.Relay(sink.EndPoint) with { RelayConnections = 1 });
        fixture.Enqueue(1, "a@one.example");
        await underWay.Task;
        fixture.Enqueue(2, "a@one.example");
        fixture.Enqueue(3, "a@one.example");
        var calls = 0;
        fixture.Store.Renew = () =>
        {
            lost.TrySetResult();
            return Interlocked.Increment(ref calls) > 1;
        };
        await fixture.Service.StartAsync(Cancellation);
        await fixture.Time.AdvanceUntilAsync(lost.Task, TimeSpan.FromSeconds(1));
        await fixture.Time.AdvanceUntilAsync(WaitUntilAsync(() => fixture.Released == 2), TimeSpan.FromMilliseconds(1));

        // The store gives out again what the old lease held; the first is still being delivered.
        fixture.Store.Due.Enqueue(fixture.Due(1, 0, "a@one.example"));
        fixture.Store.Due.Enqueue(fixture.Due(2, 0, "a@one.example"));
        await fixture.Time.AdvanceUntilAsync(WaitUntilAsync(() => fixture.Store.Due.IsEmpty), TimeSpan.FromSeconds(1));
        hold.SetResult();
        var reports = await fixture.Store.WaitAsync(2);
        Assert.Equal([1, 2], reports.Select(report => report.Key.MessageId).Order());
        Assert.Equal(["X-Id: 1", "X-Again: 1"], sink.Mail.Select(mail => mail.Data.Split("\r\n")[0]));
    }

    private static async Task WaitUntilAsync(Func<bool> reached)
    {
        while (!reached())
        {
            await Task.Delay(1, Cancellation);
        }
    }
}
