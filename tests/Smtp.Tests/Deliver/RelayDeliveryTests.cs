using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Smtpy.Core.Storage;
using Smtpy.Smtp.Deliver;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;

namespace Smtpy.Smtp.Tests.Deliver;

public sealed class RelayDeliveryTests
{
    [Fact]
    public async Task Messages_arrive_unchanged_below_our_head_and_are_recorded_and_released()
    {
        await using var sink = new SinkServer();
        await using var fixture = new QueueFixture(QueueFixture.Relay(sink.EndPoint));
        fixture.Enqueue(1, "a@one.example", "b@two.example");
        var reports = await fixture.Store.WaitAsync(2);
        Assert.All(reports, report => Assert.Equal((DeliveryState.Delivered, "250 2.0.0 queued"), (report.State, report.Reply)));
        Assert.Equal(["RCPT TO:<a@one.example>", "RCPT TO:<b@two.example>"], Assert.Single(sink.Mail).Recipients);
        Assert.Equal("X-Id: 1\r\nSubject: s\r\n\r\nb\r\n.\r\n", sink.Mail.First().Data);
        Assert.EndsWith($"[127.0.0.1]:{sink.EndPoint.Port}", reports[0].RemoteHost, StringComparison.Ordinal);
        await fixture.Service.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, fixture.Released);
    }

    [Fact]
    public async Task Connections_are_reused_and_never_more_than_allowed()
    {
        await using var sink = new SinkServer();
        await using var fixture = new QueueFixture(QueueFixture.Relay(sink.EndPoint) with { RelayConnections = 3 });
        for (var i = 0; i < 300; i++)
        {
            fixture.Enqueue(i, "a@one.example");
        }

        Assert.All(await fixture.Store.WaitAsync(300), report => Assert.Equal(DeliveryState.Delivered, report.State));
        Assert.Equal(3, sink.MostOpen);
        Assert.InRange(sink.Connections, 3, 6);
        Assert.Equal(300, sink.Mail.Select(mail => mail.Data).Distinct().Count());
    }

    [Fact]
    public async Task Messages_that_a_connection_at_work_will_soon_take_open_no_other()
    {
        await using var sink = new SinkServer();
        await using var fixture = new QueueFixture(QueueFixture.Relay(sink.EndPoint));
        await BeQuickAsync(fixture);
        var opened = sink.Connections;
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        sink.BeforeEnd = () => reached.TrySetResult() ? gate.Task : Task.CompletedTask;
        fixture.Enqueue(10, "a@one.example");
        await reached.Task.WaitAsync(Until.Patience, TestContext.Current.CancellationToken);
        for (var i = 11; i < 20; i++)
        {
            fixture.Enqueue(i, "a@one.example");
        }

        gate.SetResult();
        await fixture.Store.WaitAsync(10);
        Assert.Equal(opened, sink.Connections);
    }

    [Fact]
    public async Task A_message_behind_a_connection_that_hangs_is_taken_by_another_after_a_second()
    {
        await using var sink = new SinkServer();
        await using var fixture = new QueueFixture(QueueFixture.Relay(sink.EndPoint));
        await BeQuickAsync(fixture);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        sink.BeforeEnd = () => reached.TrySetResult() ? gate.Task : Task.CompletedTask;
        fixture.Enqueue(10, "a@one.example");
        await reached.Task.WaitAsync(Until.Patience, TestContext.Current.CancellationToken);
        fixture.Enqueue(11, "b@one.example");
        await fixture.Service.StartAsync(TestContext.Current.CancellationToken);
        await fixture.Time.AdvanceUntilAsync(fixture.Store.WaitAsync(1), TimeSpan.FromSeconds(1));
        Assert.Equal(11, fixture.Store.Reports.Last().Key.MessageId);
        gate.SetResult();
        await fixture.Store.WaitAsync(1);
    }

    [Fact]
    public async Task A_connection_is_given_up_after_its_share_of_messages()
    {
        await using var sink = new SinkServer();
        await using var fixture = new QueueFixture(QueueFixture.Relay(sink.EndPoint) with { RelayConnections = 1, MaxMessagesPerConnection = 10 });
        for (var i = 0; i < 35; i++)
        {
            fixture.Enqueue(i, "a@one.example");
        }

        await fixture.Store.WaitAsync(35);
        Assert.Equal(4, sink.Connections);
    }

    [Fact]
    public async Task A_connection_that_was_closed_while_idle_costs_no_attempt()
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("PIPELINING");
            await peer.ReadLineAsync();
            await peer.ReadLineAsync();
            await peer.ReadLineAsync();
            await peer.SayAsync("250 ok", "250 ok", "354 go");
            await peer.ReadDataAsync();
            await peer.SayAsync("250 ok");
        });
        await using var fixture = new QueueFixture(QueueFixture.Relay(server.EndPoint) with { RelayConnections = 1 });
        for (var i = 1; i <= 3; i++)
        {
            fixture.Enqueue(i, "a@one.example");
            Assert.All(await fixture.Store.WaitAsync(1), report => Assert.Equal(DeliveryState.Delivered, report.State));
            await server.FinishAsync();
        }

        Assert.Equal(3, server.Connections);
    }

    [Fact]
    public async Task Idle_connections_say_goodbye_after_their_time()
    {
        var goodbye = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var sink = new SinkServer { Reply = line => Note(line) };
        string? Note(string line)
        {
            if (line == "QUIT")
            {
                goodbye.TrySetResult();
            }

            return null;
        }

        await using var fixture = new QueueFixture(QueueFixture.Relay(sink.EndPoint));
        await fixture.Service.StartAsync(TestContext.Current.CancellationToken);
        fixture.Enqueue(1, "a@one.example");
        await fixture.Store.WaitAsync(1);
        await fixture.Time.AdvanceUntilAsync(goodbye.Task, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Refusals_fail_and_deferrals_are_scheduled_per_recipient()
    {
        await using var sink = new SinkServer
        {
            Reply = line => line switch
            {
                "RCPT TO:<no@one.example>" => "550 5.1.1 no such user",
                "RCPT TO:<later@one.example>" => "450 4.2.1 later",
                _ => null,
            },
        };
        await using var fixture = new QueueFixture(QueueFixture.Relay(sink.EndPoint));
        fixture.Enqueue(1, "yes@one.example", "no@one.example", "later@one.example");
        var reports = (await fixture.Store.WaitAsync(3)).OrderBy(report => report.Key.Ordinal).ToArray();
        Assert.Equal([DeliveryState.Delivered, DeliveryState.Failed, DeliveryState.Queued], reports.Select(report => report.State));
        Assert.Equal("550 5.1.1 no such user", reports[1].Reply);
        Assert.Null(reports[1].NextAttemptAt);
        Assert.InRange(reports[2].NextAttemptAt!.Value - fixture.Time.GetUtcNow(), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task After_five_days_a_deferral_is_a_failure()
    {
        await using var sink = new SinkServer { Reply = line => line == "." ? "451 4.3.0 later" : null };
        await using var fixture = new QueueFixture(QueueFixture.Relay(sink.EndPoint)) { AttemptsBefore = 30 };
        var message = fixture.Message(1, "a@one.example");
        fixture.Time.Advance(TimeSpan.FromDays(5));
        fixture.Queue.Enqueue(message);
        var report = Assert.Single(await fixture.Store.WaitAsync(1));
        Assert.Equal((DeliveryState.Failed, "451 4.3.0 given up after 5 days: later"), (report.State, report.Reply));
    }

    [Fact]
    public async Task A_dead_relay_defers_all_that_waits_together_and_is_asked_once()
    {
        await using var sink = new SinkServer { Reply = line => line == "connect" ? "421 4.3.2 down" : null };
        await using var fixture = new QueueFixture(QueueFixture.Relay(sink.EndPoint) with { RelayConnections = 1 });
        for (var i = 0; i < 50; i++)
        {
            fixture.Enqueue(i, "a@one.example");
        }

        var reports = await fixture.Store.WaitAsync(50);
        Assert.All(reports, report => Assert.Equal(DeliveryState.Queued, report.State));
        Assert.Equal("421 4.3.2 down", Assert.Single(reports, report => report.Tried).Reply);
        Assert.All(reports.Where(report => !report.Tried), report => Assert.Equal("421 4.3.2 put off, not tried: down", report.Reply));
        Assert.All(reports, report => Assert.True(report.NextAttemptAt > fixture.Time.GetUtcNow()));
        Assert.Equal(1, sink.Connections);
        Assert.True(fixture.Queue.HasRoom(1));

        // While it is left alone, what comes is deferred without a question; afterwards one connection asks, then all is well.
        fixture.Enqueue(100, "a@one.example");
        Assert.Equal(DeliveryState.Queued, (await fixture.Store.WaitAsync(1))[^1].State);
        Assert.Equal(1, sink.Connections);
        fixture.Time.Advance(TimeSpan.FromSeconds(20));
        sink.Reply = _ => null;
        fixture.Enqueue(101, "a@one.example");
        Assert.Equal(DeliveryState.Delivered, (await fixture.Store.WaitAsync(1))[^1].State);
        Assert.Equal(52, fixture.Store.Reports.Count);
    }

    [Fact]
    public async Task What_waits_for_a_dead_relay_is_counted_as_postponed_and_only_what_was_tried_as_deferred()
    {
        var counts = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener();
        await using var sink = new SinkServer { Reply = line => line == "connect" ? "421 4.3.2 down" : null };
        await using var fixture = new QueueFixture(QueueFixture.Relay(sink.EndPoint) with { RelayConnections = 1 });
        for (var i = 0; i < 4; i++)
        {
            fixture.Enqueue(i, "a@one.example");
        }

        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Name == "smtpy.deliveries" && fixture.Owns(instrument.Meter))
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => counts[(string)tags[0].Value!] = value);
        listener.Start();
        await Until.TrueAsync(
            "all are counted",
            () =>
            {
                listener.RecordObservableInstruments();
                return counts.GetValueOrDefault("deferred") + counts.GetValueOrDefault("postponed") == 4;
            });
        Assert.Equal((1, 3), (counts["deferred"], counts["postponed"]));
    }

    [Fact]
    public async Task Nothing_is_given_up_untried_and_what_only_waited_gets_a_try_of_its_own_when_its_time_is_up()
    {
        await using var sink = new SinkServer { Reply = line => line == "connect" ? "421 4.3.2 down" : null };
        await using var fixture = new QueueFixture(QueueFixture.Relay(sink.EndPoint) with { RelayConnections = 1 });
        var old = Enumerable.Range(100, 4).Select(i => fixture.Message(i, "a@one.example")).ToArray();
        var tried = fixture.Message(200, 3, "a@one.example");
        fixture.Time.Advance(TimeSpan.FromDays(6));

        // Six failures: the destination has not had its chances yet, whatever the age of what waits.
        for (var i = 0; i < 6; i++)
        {
            fixture.Enqueue(i, "a@one.example");
            await fixture.Store.WaitAsync(1);
            if (i < 5)
            {
                fixture.Time.Advance(TimeSpan.FromMinutes(31));
            }
        }

        fixture.Queue.Enqueue(old[0]);
        fixture.Queue.Enqueue(tried);
        Assert.All((await fixture.Store.WaitAsync(2))[^2..], report => Assert.Equal((DeliveryState.Queued, false), (report.State, report.Tried)));
        Assert.Equal(6, sink.Connections);

        // The seventh.
        fixture.Time.Advance(TimeSpan.FromMinutes(31));
        fixture.Enqueue(7, "a@one.example");
        await fixture.Store.WaitAsync(1);
        foreach (var message in old[1..])
        {
            fixture.Queue.Enqueue(message);
        }

        Assert.All((await fixture.Store.WaitAsync(3))[^3..], report => Assert.Equal((DeliveryState.Queued, true), (report.State, report.Tried)));
        Assert.Equal(10, sink.Connections);
        fixture.Queue.Enqueue(tried);
        var report = (await fixture.Store.WaitAsync(1))[^1];
        Assert.Equal((DeliveryState.Failed, false, "421 4.3.2 given up after 5 days: down"), (report.State, report.Tried, report.Reply));
        Assert.Equal(10, sink.Connections);
    }

    [Fact]
    public async Task A_relay_that_takes_no_further_connection_gets_all_over_the_ones_it_took()
    {
        var connections = 0;
        await using var sink = new SinkServer
        {
            Reply = line => line == "connect" && Interlocked.Increment(ref connections) > 2 ? "421 4.7.0 too many connections" : null,
        };
        await using var fixture = new QueueFixture(QueueFixture.Relay(sink.EndPoint) with { RelayConnections = 10 });
        var both = new SemaphoreSlim(0);
        var hold = new TaskCompletionSource();
        sink.BeforeEnd = () =>
        {
            both.Release();
            return hold.Task;
        };
        fixture.Enqueue(1, "a@one.example");
        fixture.Enqueue(2, "a@one.example");
        await both.WaitAsync(TestContext.Current.CancellationToken);
        await both.WaitAsync(TestContext.Current.CancellationToken);
        for (var i = 3; i < 60; i++)
        {
            fixture.Enqueue(i, "a@one.example");
        }

        hold.SetResult();
        Assert.All(await fixture.Store.WaitAsync(59), report => Assert.Equal(DeliveryState.Delivered, report.State));
    }

    /// <summary>Until the lane knows that its messages take no time.</summary>
    private static async Task BeQuickAsync(QueueFixture fixture)
    {
        for (var i = 1; i <= 5; i++)
        {
            fixture.Enqueue(i, "a@one.example");
            await fixture.Store.WaitAsync(1);
        }
    }
}
