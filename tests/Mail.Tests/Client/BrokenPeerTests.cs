using Smtpy.Mail.Client;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;
using static Smtpy.Mail.Tests.Client.ClientFixture;

namespace Smtpy.Mail.Tests.Client;

public sealed class BrokenPeerTests
{
    private const string Mail = "MAIL FROM:<me@client.example>";

    /// <summary>40 MB: more than the buffers of both sides hold.</summary>
    private static PartedContent Endless =>
        new([.. Enumerable.Repeat(string.Concat(Enumerable.Repeat(new string('x', 98) + "\r\n", 10_000)), 40)]);

    [Fact]
    public async Task Nobody_listening_is_a_transient_failure()
    {
        var server = new ScriptedServer(_ => Task.CompletedTask);
        await server.DisposeAsync();
        var result = await ConnectAsync(server);
        Assert.Null(result.Connection);
        Assert.Equal("451 4.4.1 connection refused (connecting)", result.Failure.ToString());
    }

    [Theory]
    [InlineData("554 5.7.1 not you")]
    [InlineData("421 4.3.2 busy")]
    public async Task A_greeting_that_refuses_is_the_failure(string greeting)
    {
        await using var server = new ScriptedServer(peer => peer.SayAsync(greeting));
        Assert.Equal(greeting, (await ConnectAsync(server)).Failure.ToString());
    }

    [Fact]
    public async Task A_server_that_does_not_know_EHLO_is_asked_with_HELO()
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.SayAsync("220 old.example");
            await peer.AnswerAsync(("EHLO client.example", "500 what?"), ("HELO client.example", "250 old.example PIPELINING"));
            await peer.AnswerAsync((Mail, "250 ok"), ("RCPT TO:<you@peer.example>", "250 ok"), ("DATA", "354 go"));
            await peer.ReadDataAsync();
            await peer.SayAsync("250");
        });
        Assert.Equal("Delivered 250 ", Describe((await SendOneAsync(server)).Recipients[0]));
        await server.FinishAsync();
    }

    [Fact]
    public async Task Replies_that_dribble_in_are_put_together()
    {
        await using var server = new ScriptedServer(async peer =>
        {
            foreach (var octet in "220-peer.example\r\n220-one moment\r\n220 ready\r\n")
            {
                await peer.SendRawAsync(octet.ToString());
            }

            await peer.ExpectAsync("EHLO client.example");
            foreach (var octet in "250-peer.example\r\n250-PIPELINING\r\n250-SIZE\r\n250 SMTPUTF8\r\n")
            {
                await peer.SendRawAsync(octet.ToString());
            }
        });
        await using var connection = await OpenAsync(server);
        Assert.True(connection.Capabilities is { Pipelining: true, Size: true, MaxSize: 0, SmtpUtf8: true, EightBitMime: false });
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n")]
    [InlineData("99 too short\r\n")]
    [InlineData("2500 four digits\r\n")]
    public async Task An_answer_that_is_not_SMTP_ends_the_connection(string answer)
    {
        await using var server = new ScriptedServer(peer => peer.SendRawAsync(answer));
        Assert.Equal("451 4.4.1 the answer is not an SMTP reply (greeting)", (await ConnectAsync(server)).Failure.ToString());
    }

    [Fact]
    public async Task An_endless_reply_ends_the_connection()
    {
        await using var server = new ScriptedServer(async peer =>
        {
            var line = "220-" + new string('x', 500) + "\r\n";
            for (var i = 0; i < 1000; i++)
            {
                await peer.SendRawAsync(line);
            }
        });
        Assert.Equal("451 4.4.1 the reply is too long (greeting)", (await ConnectAsync(server)).Failure.ToString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_421_to_RCPT_of_a_server_that_goes_on_defers_that_recipient_alone_and_no_further_message_goes_over_the_connection(bool pipelining)
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync(pipelining ? "PIPELINING" : "HELP");
            await peer.AnswerAsync(
                (Mail, "250 ok"), ("RCPT TO:<a@peer.example>", "250 ok"), ("RCPT TO:<b@peer.example>", "421 4.2.1 switched off for now"),
                ("RCPT TO:<c@peer.example>", "250 ok"), ("DATA", "354 go"));
            await peer.ReadDataAsync();
            await peer.SayAsync("250 queued");
            await peer.AnswerAsync(("QUIT", "221 bye"));
            await peer.ExpectCloseAsync();
        });
        await using var connection = await OpenAsync(server);
        var result = await SendAsync(connection, ["a@peer.example", "b@peer.example", "c@peer.example"]);
        Assert.Equal(
            ["Delivered 250 queued", "Deferred 421 4.2.1 switched off for now", "Delivered 250 queued"], result.Recipients.Select(Describe));
        Assert.False(connection.IsUsable);
        await connection.QuitAsync(TestContext.Current.CancellationToken);
        await connection.DisposeAsync();
        await server.FinishAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Recipients_left_over_after_a_421_to_RCPT_get_no_transaction_on_that_connection(bool pipelining)
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("LIMITS RCPTMAX=2", pipelining ? "PIPELINING" : "HELP");
            await peer.AnswerAsync(
                (Mail, "250 ok"), ("RCPT TO:<a@peer.example>", "421 4.2.1 not now"), ("RCPT TO:<b@peer.example>", "250 ok"), ("DATA", "354 go"));
            await peer.ReadDataAsync();
            await peer.SayAsync("250 queued");
            await peer.ExpectCloseAsync();
        });
        await using var connection = await OpenAsync(server);
        var result = await SendAsync(connection, ["a@peer.example", "b@peer.example", "c@peer.example"]);
        Assert.Equal(["Deferred 421 4.2.1 not now", "Delivered 250 queued", "Deferred 421 4.2.1 not now"], result.Recipients.Select(Describe));
        await connection.DisposeAsync();
        await server.FinishAsync();
    }

    [Theory]
    [InlineData("MAIL")]
    [InlineData("RCPT")]
    [InlineData("DATA")]
    [InlineData(".")]
    public async Task A_421_defers_everybody_who_has_no_answer_yet(string at)
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("PIPELINING");
            foreach (var (command, reply) in new[] { (Mail, "250 ok"), ("RCPT TO:<a@peer.example>", "550 5.1.1 no"), ("RCPT TO:<b@peer.example>", "250 ok"), ("DATA", "354 go") })
            {
                await peer.ExpectAsync(command);
                if (command.StartsWith(at, StringComparison.Ordinal) && !command.Contains("<a@", StringComparison.Ordinal))
                {
                    await peer.SayAsync("421 4.3.2 closing");
                    return;
                }

                await peer.SayAsync(reply);
            }

            await peer.ReadDataAsync();
            await peer.SayAsync("421 4.3.2 closing");
        });
        await using var connection = await OpenAsync(server);
        var result = await SendAsync(connection, ["a@peer.example", "b@peer.example"]);
        Assert.Equal(at == "MAIL" ? "Deferred 421 4.3.2 closing" : "Refused 550 5.1.1 no", Describe(result.Recipients[0]));
        Assert.Equal("Deferred 421 4.3.2 closing", Describe(result.Recipients[1]));
        Assert.Equal(at == "MAIL", result.Untouched);
        Assert.False(connection.IsUsable);
        await server.FinishAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_drops_after_the_final_dot_defers_and_is_not_untouched(bool reset)
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("PIPELINING");
            await peer.AnswerAsync((Mail, "250 ok"), ("RCPT TO:<you@peer.example>", "250 ok"), ("DATA", "354 go"));
            await peer.ReadDataAsync();
            if (reset)
            {
                peer.Reset();
            }
        });
        var result = await SendOneAsync(server);
        var outcome = Assert.Single(result.Recipients);
        Assert.Equal(SendStatus.Deferred, outcome.Status);
        Assert.Equal("4.4.2", outcome.Reply.Enhanced);
        Assert.Contains("(final dot)", outcome.Reply.Text, StringComparison.Ordinal);
        Assert.False(result.Untouched);
    }

    [Fact]
    public async Task A_server_that_breaks_off_inside_the_message_is_heard()
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("PIPELINING");
            await peer.AnswerAsync((Mail, "250 ok"), ("RCPT TO:<you@peer.example>", "250 ok"), ("DATA", "354 go"));
            await peer.ReadLineAsync();
            await peer.SayAsync("552 5.3.4 too big");
        });
        await using var connection = await OpenAsync(server);
        var result = await connection.SendAsync(
            new SmtpEnvelope("me@client.example", ["you@peer.example"]), default, Endless, TestContext.Current.CancellationToken);
        Assert.Equal("Refused 552 5.3.4 too big", Describe(result.Recipients[0]));
        Assert.False(connection.IsUsable);
    }

    [Fact]
    public async Task A_server_that_stops_reading_the_message_is_given_up()
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("PIPELINING");
            await peer.AnswerAsync((Mail, "250 ok"), ("RCPT TO:<you@peer.example>", "250 ok"), ("DATA", "354 go"));
            await Task.Delay(Timeout.Infinite, peer.Gone);
        });
        var time = new ManualTime();
        await using var connection = await OpenAsync(server, time: time);
        var sending = connection.SendAsync(
            new SmtpEnvelope("me@client.example", ["you@peer.example"]), default, Endless, TestContext.Current.CancellationToken);
        await time.AdvanceUntilAsync(sending, TimeSpan.FromMinutes(1));
        Assert.Equal("Deferred 451 4.4.2 timed out (sending the message)", Describe((await sending).Recipients[0]));
    }

    [Fact]
    public async Task A_reused_connection_that_the_server_has_closed_leaves_the_message_untouched()
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("PIPELINING");
            await peer.AnswerAsync((Mail, "250 ok"), ("RCPT TO:<you@peer.example>", "250 ok"), ("DATA", "354 go"));
            await peer.ReadDataAsync();
            await peer.SayAsync("250 ok");
        });
        await using var connection = await OpenAsync(server);
        await SendAsync(connection, ["you@peer.example"]);
        await server.FinishAsync();
        var result = await SendAsync(connection, ["you@peer.example"]);
        Assert.True(result.Untouched);
        Assert.Equal(SendStatus.Deferred, result.Recipients[0].Status);
        Assert.False(connection.IsUsable);
    }

    [Theory]
    [InlineData("greeting", 5)]
    [InlineData("EHLO", 5)]
    public async Task A_silent_server_is_given_up_after_the_time_of_the_step(string step, int minutes)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new ScriptedServer(async peer =>
        {
            if (step == "EHLO")
            {
                await peer.SayAsync("220 hello");
                await peer.ReadLineAsync();
            }

            reached.SetResult();
            await peer.ReadLineAsync();
        });
        var time = new ManualTime();
        var connecting = ConnectAsync(server, time: time);
        await reached.Task;
        var before = time.GetUtcNow();
        await time.AdvanceUntilAsync(connecting, TimeSpan.FromSeconds(10));
        Assert.Equal($"451 4.4.1 timed out ({step})", (await connecting).Failure.ToString());
        Assert.True(time.GetUtcNow() - before >= TimeSpan.FromMinutes(minutes));
    }

    [Fact]
    public async Task The_answer_to_the_final_dot_is_waited_for_ten_minutes()
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("PIPELINING");
            await peer.AnswerAsync((Mail, "250 ok"), ("RCPT TO:<you@peer.example>", "250 ok"), ("DATA", "354 go"));
            await peer.ReadDataAsync();
            reached.SetResult();
            await peer.ReadLineAsync();
        });
        var time = new ManualTime();
        await using var connection = await OpenAsync(server, time: time);
        var sending = SendAsync(connection, ["you@peer.example"]);
        await reached.Task;
        var before = time.GetUtcNow();
        await time.AdvanceUntilAsync(sending, TimeSpan.FromSeconds(10));
        Assert.Equal("Deferred 451 4.4.2 timed out (final dot)", Describe((await sending).Recipients[0]));
        Assert.True(time.GetUtcNow() - before >= TimeSpan.FromMinutes(10));
    }

    [Fact]
    public async Task Cancelling_ends_the_transaction_and_says_so()
    {
        using var cancel = new CancellationTokenSource();
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("PIPELINING");
            await peer.ReadLineAsync();
            await cancel.CancelAsync();
            await peer.ReadLineAsync();
        });
        await using var connection = await OpenAsync(server);
        var result = await connection.SendAsync(new SmtpEnvelope("", ["you@peer.example"]), default, Content(Body), cancel.Token);
        Assert.True(result.Cancelled);
        Assert.Equal("Deferred 451 4.4.2 given up by us", Describe(result.Recipients[0]));
        Assert.False(connection.IsUsable);
    }

    [Fact]
    public async Task A_reply_nobody_asked_for_ends_the_connection_after_the_message()
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("PIPELINING");
            await peer.AnswerAsync((Mail, "250 ok"), ("RCPT TO:<you@peer.example>", "250 ok"), ("DATA", "354 go"));
            await peer.ReadDataAsync();
            await peer.SendRawAsync("250 queued\r\n250 and another\r\n");
        });
        await using var connection = await OpenAsync(server);
        Assert.Equal("Delivered 250 queued", Describe((await SendAsync(connection, ["you@peer.example"])).Recipients[0]));
        Assert.False(connection.IsUsable);
    }
}
