using Smtpy.Mail.Client;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;
using static Smtpy.Mail.Tests.Client.ClientFixture;

namespace Smtpy.Mail.Tests.Client;

public sealed class TransactionTests
{
    private const string Mail = "MAIL FROM:<me@client.example>";
    private const string Sent = Head + Body + ".\r\n";

    [Fact]
    public async Task Without_pipelining_each_command_waits_for_its_answer()
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("SIZE 100000");
            await peer.AnswerAsync(
                (Mail + " SIZE=" + (Head.Length + Body.Length), "250 ok"), ("RCPT TO:<you@peer.example>", "250 ok"), ("DATA", "354 go"));
            Assert.Equal(Sent, await peer.ReadDataAsync());
            await peer.SayAsync("250 2.0.0 queued as 1");
            await peer.ExpectCloseAsync();

            // Greeting aside: EHLO, MAIL, RCPT, DATA, message, and the close.
            Assert.Equal(6, peer.Reads);
        });
        var result = await SendOneAsync(server);
        Assert.Equal("Delivered 250 2.0.0 queued as 1", Describe(Assert.Single(result.Recipients)));
        await server.FinishAsync();
    }

    [Fact]
    public async Task With_pipelining_the_envelope_is_one_write_and_the_small_message_another()
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("PIPELINING");
            for (var i = 0; i < 2; i++)
            {
                var before = peer.Reads;
                await peer.ExpectAsync(Mail);
                await peer.ExpectAsync("RCPT TO:<you@peer.example>");
                await peer.ExpectAsync("DATA");
                Assert.Equal(before + 1, peer.Reads);
                await peer.SayAsync("250 ok", "250 ok", "354 go");
                Assert.Equal(Sent, await peer.ReadDataAsync());
                Assert.Equal(before + 2, peer.Reads);
                await peer.SayAsync("250 queued");
            }

            await peer.AnswerAsync(("QUIT", "221 bye"));
        });
        await using var connection = await OpenAsync(server);
        Assert.Equal(SendStatus.Delivered, (await SendAsync(connection, ["you@peer.example"])).Recipients[0].Status);
        Assert.Equal(SendStatus.Delivered, (await SendAsync(connection, ["you@peer.example"])).Recipients[0].Status);
        Assert.Equal(2, connection.Messages);
        await connection.QuitAsync(TestContext.Current.CancellationToken);
        await server.FinishAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Each_recipient_gets_its_own_outcome(bool pipelining)
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync(pipelining ? "PIPELINING" : "HELP");
            await peer.AnswerAsync(
                (Mail, "250 ok"), ("RCPT TO:<a@peer.example>", "250 ok"), ("RCPT TO:<b@peer.example>", "550 5.1.1 no such user"),
                ("RCPT TO:<c@peer.example>", "451 4.7.1 greylisted"), ("RCPT TO:<d@peer.example>", "552 5.2.2 mailbox full"), ("DATA", "354 go"));
            await peer.ReadDataAsync();
            await peer.SayAsync("250 queued");
        });
        await using var connection = await OpenAsync(server);
        var result = await SendAsync(connection, ["a@peer.example", "b@peer.example", "c@peer.example", "d@peer.example"]);
        Assert.Equal(
            ["Delivered 250 queued", "Refused 550 5.1.1 no such user", "Deferred 451 4.7.1 greylisted", "Deferred 552 5.2.2 mailbox full"],
            result.Recipients.Select(Describe));
        await server.FinishAsync();
    }

    [Fact]
    public async Task When_every_recipient_is_refused_the_next_message_begins_with_RSET()
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("PIPELINING");
            await peer.AnswerAsync((Mail, "250 ok"), ("RCPT TO:<a@peer.example>", "550 5.1.1 no"), ("DATA", "554 no valid recipients"));
            await peer.AnswerAsync(("RSET", "250 ok"), (Mail, "250 ok"), ("RCPT TO:<b@peer.example>", "250 ok"), ("DATA", "354 go"));
            await peer.ReadDataAsync();
            await peer.SayAsync("250 queued");
        });
        await using var connection = await OpenAsync(server);
        Assert.Equal("Refused 550 5.1.1 no", Describe((await SendAsync(connection, ["a@peer.example"])).Recipients[0]));
        Assert.Equal(SendStatus.Delivered, (await SendAsync(connection, ["b@peer.example"])).Recipients[0].Status);
        await server.FinishAsync();
    }

    [Fact]
    public async Task Without_pipelining_DATA_is_not_said_when_nobody_was_accepted()
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync();
            await peer.AnswerAsync((Mail, "250 ok"), ("RCPT TO:<a@peer.example>", "550 no"), ("RSET", "250 ok"), (Mail, "550 5.7.1 go away"));
            await peer.AnswerAsync((Mail, "250 ok"), ("RCPT TO:<c@peer.example>", "250 ok"), ("DATA", "451 4.3.0 later"));
        });
        await using var connection = await OpenAsync(server);
        Assert.Equal("Refused 550 no", Describe((await SendAsync(connection, ["a@peer.example"])).Recipients[0]));
        Assert.Equal("Refused 550 5.7.1 go away", Describe((await SendAsync(connection, ["b@peer.example"])).Recipients[0]));
        Assert.Equal("Deferred 451 4.3.0 later", Describe((await SendAsync(connection, ["c@peer.example"])).Recipients[0]));
        await server.FinishAsync();
    }

    [Fact]
    public async Task A_server_that_takes_DATA_for_nobody_gets_a_lone_dot()
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("PIPELINING");
            await peer.AnswerAsync((Mail, "250 ok"), ("RCPT TO:<you@peer.example>", "550 no"), ("DATA", "354 go"), (".", "554 nobody"));
            await peer.ExpectCloseAsync();
        });
        Assert.Equal("Refused 550 no", Describe((await SendOneAsync(server)).Recipients[0]));
        await server.FinishAsync();
    }

    [Theory]
    [InlineData("250 what?")]
    [InlineData("220 what?")]
    public async Task A_positive_answer_to_DATA_that_is_not_354_is_no_delivery(string reply)
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("PIPELINING");
            await peer.AnswerAsync((Mail, "250 ok"), ("RCPT TO:<you@peer.example>", "250 ok"), ("DATA", reply));
            await peer.ExpectCloseAsync();
        });
        Assert.Equal("Deferred " + reply, Describe((await SendOneAsync(server)).Recipients[0]));
        await server.FinishAsync();
    }

    [Theory]
    [InlineData("452 too many recipients")]
    [InlineData("452 4.5.3 too many recipients")]
    [InlineData("552 5.5.3 too many recipients")]
    public async Task Too_many_recipients_go_in_the_next_transaction_at_once(string reply)
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("PIPELINING");
            await peer.AnswerAsync((Mail, "250 ok"), ("RCPT TO:<a@peer.example>", "250 ok"), ("RCPT TO:<b@peer.example>", reply), ("DATA", "354 go"));
            Assert.Equal(Sent, await peer.ReadDataAsync());
            await peer.SayAsync("250 first");
            await peer.AnswerAsync((Mail, "250 ok"), ("RCPT TO:<b@peer.example>", "250 ok"), ("DATA", "354 go"));
            Assert.Equal(Sent, await peer.ReadDataAsync());
            await peer.SayAsync("250 second");
        });
        await using var connection = await OpenAsync(server);
        var result = await SendAsync(connection, ["a@peer.example", "b@peer.example"]);
        Assert.Equal(["Delivered 250 first", "Delivered 250 second"], result.Recipients.Select(Describe));
        await server.FinishAsync();
    }

    [Fact]
    public async Task A_first_recipient_told_of_too_many_is_deferred_and_does_not_loop()
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("PIPELINING");
            await peer.AnswerAsync((Mail, "250 ok"), ("RCPT TO:<you@peer.example>", "452 4.5.3 too many"), ("DATA", "503 no"));
            await peer.ExpectCloseAsync();
        });
        Assert.Equal("Deferred 452 4.5.3 too many", Describe((await SendOneAsync(server)).Recipients[0]));
        await server.FinishAsync();
    }

    [Fact]
    public async Task RCPTMAX_of_the_peer_splits_the_recipients()
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("LIMITS MAILMAX=7 RCPTMAX=2", "PIPELINING");
            foreach (var recipients in new[] { new[] { "a", "b" }, ["c"] })
            {
                await peer.AnswerAsync((Mail, "250 ok"));
                foreach (var recipient in recipients)
                {
                    await peer.AnswerAsync(($"RCPT TO:<{recipient}@peer.example>", "250 ok"));
                }

                await peer.AnswerAsync(("DATA", "354 go"));
                await peer.ReadDataAsync();
                await peer.SayAsync("250 ok");
            }
        });
        await using var connection = await OpenAsync(server);
        var result = await SendAsync(connection, ["a@peer.example", "b@peer.example", "c@peer.example"]);
        Assert.All(result.Recipients, outcome => Assert.Equal(SendStatus.Delivered, outcome.Status));
        Assert.Equal(7, connection.Capabilities.MaxMessages);
        await server.FinishAsync();
    }

    [Fact]
    public async Task A_long_recipient_list_cannot_deadlock_with_a_server_that_reads_only_after_it_was_heard()
    {
        const int Count = 20_000;
        var padding = new string('x', 400);
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("PIPELINING");
            await peer.AnswerAsync((Mail, "250 ok"));
            for (var i = 0; i < Count; i++)
            {
                await peer.ReadLineAsync();
                await peer.SayAsync("250 " + padding);
            }

            await peer.AnswerAsync(("DATA", "354 go"));
            await peer.ReadDataAsync();
            await peer.SayAsync("250 ok");
        });
        await using var connection = await OpenAsync(server, Options with { MaxRecipientsPerTransaction = Count });
        var result = await SendAsync(connection, [.. Enumerable.Range(0, Count).Select(i => $"recipient-number-{i}-of-a-long-list@peer.example")]);
        Assert.All(result.Recipients, outcome => Assert.Equal(SendStatus.Delivered, outcome.Status));
        await server.FinishAsync();
    }
}
