using System.Net;
using Smtpy.Mail.Server;
using Xunit;

namespace Smtpy.Mail.Tests.Server;

public sealed class StopTests
{
    private const string Restarting = "421 4.3.2 mx.test is being restarted; try again soon";

    [Fact]
    public async Task Idle_sessions_are_told_and_a_transaction_under_way_is_finished()
    {
        await using var server = await TestServer.StartAsync(time: new ManualTime());
        await using var idle = await server.ConnectAsync();
        await using var busy = await server.ConnectAsync();
        await idle.GreetAsync();
        await busy.GreetAsync();
        await busy.AskAsync("MAIL FROM:<a@b.example>");
        var stop = server.Server.StopAsync(CancellationToken.None);

        Assert.Equal(Restarting, await idle.ReadLineAsync());
        Assert.Null(await idle.ReadLineAsync());
        await Assert.ThrowsAnyAsync<Exception>(server.ConnectAsync);
        Assert.Equal("250 2.1.5 Recipient OK", await busy.AskAsync("RCPT TO:<a@b.example>"));
        Assert.StartsWith("354", await busy.AskAsync("DATA"), StringComparison.Ordinal);
        await busy.SendAsync("kept\r\n.\r\nMAIL FROM:<next@b.example>\r\n");
        Assert.Equal("250 2.0.0 Stored", await busy.ReadLineAsync());
        Assert.Equal(Restarting, await busy.ReadLineAsync());
        Assert.Null(await busy.ReadLineAsync());
        await stop;
        Assert.Single(server.Policy.Messages);
        Assert.Equal(0, server.Policy.OpenConnections);
    }

    [Theory]
    [InlineData("")]
    [InlineData("RCPT TO:<a@b.example>\r\nDATA\r\nhalf a mess")]
    public async Task After_the_drain_time_a_transaction_is_cut_off_with_421(string pipelined)
    {
        var time = new ManualTime();
        await using var server = await TestServer.StartAsync(time: time);
        await using var idle = await server.ConnectAsync();
        await using var slow = await server.ConnectAsync();
        await idle.GreetAsync();
        await slow.GreetAsync();
        await slow.AskAsync("MAIL FROM:<a@b.example>");
        await slow.SendAsync(pipelined);
        if (pipelined.Length > 0)
        {
            await slow.ReadReplyAsync();
            await slow.ReadReplyAsync();
        }

        var stop = server.Server.StopAsync(CancellationToken.None);
        Assert.Equal(Restarting, await idle.ReadLineAsync());
        await Clock.AdvanceUntilAsync(time, stop);
        await stop;
        Assert.Equal(Restarting, await slow.ReadLineAsync());
        Assert.Null(await slow.ReadLineAsync());
        Assert.Empty(server.Policy.Messages);
        Assert.Equal(0, server.Policy.OpenSinks);
    }

    [Fact]
    public async Task A_policy_that_hangs_is_cancelled_after_the_drain_time()
    {
        var time = new ManualTime();
        var policy = new MemoryPolicy { Gate = new TaskCompletionSource() };
        await using var server = await TestServer.StartAsync(policy: policy, time: time);
        await using var client = await server.ConnectAsync();
        await client.GreetAsync();
        await client.SendAsync("MAIL FROM:<a@b.example>\r\nRCPT TO:<a@b.example>\r\nBDAT 2 LAST\r\nhi");
        await policy.Completing.Task;
        var stop = server.Server.StopAsync(CancellationToken.None);
        await Clock.AdvanceUntilAsync(time, stop);
        await stop;
        await client.ReadReplyAsync();
        await client.ReadReplyAsync();
        Assert.Equal(Restarting, await client.ReadLineAsync());
        Assert.Empty(server.Logs.Lines);
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        await using var server = await TestServer.StartAsync();
        var taken = server.Server.EndPoint;
        var failure = await Assert.ThrowsAsync<ListenException>(
            () => TestServer.StartAsync(TestServer.DefaultOptions with { Listeners = [new SmtpListener(ListenerKind.Mx, taken)] }));
        Assert.StartsWith($"Cannot listen for SMTP on {taken}: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_connection_gets_the_policys_word_in_place_of_a_greeting()
    {
        var policy = new MemoryPolicy { ConnectReply = new SmtpReply(554, "5.7.1", "mx.test does not take your mail") };
        await using var server = await TestServer.StartAsync(policy: policy);
        await using var client = await server.ConnectAsync();
        Assert.Equal("554 5.7.1 mx.test does not take your mail", await client.ReadLineAsync());
        Assert.Null(await client.ReadLineAsync());
        Assert.Equal(0, policy.OpenConnections);
    }

    [Fact]
    public async Task A_server_that_was_never_started_stops() =>
        await new SmtpServer(
            TestServer.DefaultOptions,
            new MemoryPolicy(), null, TimeProvider.System, new CollectedLogs()).DisposeAsync();
}
