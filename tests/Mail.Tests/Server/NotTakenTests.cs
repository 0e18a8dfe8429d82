using Smtpy.Tests.Support;
using Xunit;

namespace Smtpy.Mail.Tests.Server;

/// <summary>The policy hears of messages that the engine did not take by itself: once for each.</summary>
public sealed class NotTakenTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(TestServer.DefaultOptions with { MaxMessageSize = 1000 });

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("MAIL FROM:<a@b.test> SIZE=1001\r\n", "552", "TooLarge 552 to 0")]
    [InlineData("DATA\r\n{2000}\r\n.\r\n", "552", "TooLarge 552 to 2")]
    [InlineData("BDAT 2000\r\n{2000}BDAT 2 LAST\r\n\r\n", "552", "TooLarge 552 to 2")]
    [InlineData("BDAT 10\r\n{10}BDAT 2000 LAST\r\n{2000}", "552", "TooLarge 552 to 2")]
    [InlineData("DATA\r\na\nb\r\n.\r\n", "554", "BadOctets 554 to 2")]
    [InlineData("DATA\r\na\nb", "554", "BadOctets 554 to 2")]
    [InlineData("BDAT 4 LAST\r\na\nb\n", "554", "BadOctets 554 to 2")]
    [InlineData("BDAT 4\r\na\rb\n", "554", "BadOctets 554 to 2")]
    [InlineData("DATA\r\nhalf", "354", "CutOff  to 2")]
    [InlineData("DATA\r\n{2000}", "354", "CutOff  to 2")] // Nobody was told that it is too large.
    [InlineData("BDAT 10\r\n{10}", "250", "CutOff  to 2")]
    [InlineData("BDAT 10\r\n{5}", null, "CutOff  to 2")]
    [InlineData("DATA\r\n{10}\r\n.\r\n", "250", null)]
    [InlineData("BDAT 10 LAST\r\n{10}", "250", null)]
    [InlineData("BDAT 10\r\n{10}RSET\r\n", "250", null)]
    public async Task Once_for_each(string sent, string? reply, string? told)
    {
        await using (var client = await _server.ConnectAsync())
        {
            await client.GreetAsync();
            if (!sent.StartsWith("MAIL", StringComparison.Ordinal))
            {
                await BeginAsync(client, "a@b.test");
            }

            foreach (var length in new[] { 2000, 10, 5 })
            {
                sent = sent.Replace($"{{{length}}}", new string('x', length), StringComparison.Ordinal);
            }

            await client.SendAsync(sent);
            client.CloseSending();
            var replies = new List<string>();
            while (await client.ReadLineAsync() is { } line)
            {
                replies.Add(line);
            }

            Assert.True(reply is null || replies.Exists(line => line.StartsWith(reply, StringComparison.Ordinal)), string.Join('\n', replies));
        }

        await _server.Policy.Disconnected.Task.WaitAsync(Until.Patience, TestContext.Current.CancellationToken);
        Assert.Equal(told is null ? [] : [told], _server.Policy.NotTaken);
    }

    [Fact]
    public async Task A_connection_that_is_reset_inside_a_message_counts_as_one_that_is_cut_off()
    {
        await using var client = await _server.ConnectAsync();
        await client.GreetAsync();
        await BeginAsync(client, "a@b.test");
        await client.AskAsync("DATA");
        await client.SendAsync("half");
        client.Reset();
        await _server.Policy.Disconnected.Task.WaitAsync(Until.Patience, TestContext.Current.CancellationToken);
        Assert.Equal(["CutOff  to 2"], _server.Policy.NotTaken);
    }

    [Fact]
    public async Task A_policy_that_throws_over_it_changes_no_answer()
    {
        await using var client = await _server.ConnectAsync();
        await client.GreetAsync();
        await BeginAsync(client, "untold@b.test");
        await client.AskAsync("DATA");
        Assert.StartsWith("552", await client.AskAsync(new string('x', 2000) + "\r\n."), StringComparison.Ordinal);
        Assert.StartsWith("250", await client.AskAsync("NOOP"), StringComparison.Ordinal);
        Assert.Single(_server.Logs.Lines, line => line.StartsWith("Error: Mail policy failed", StringComparison.Ordinal));
    }

    private static async Task BeginAsync(RawClient client, string sender)
    {
        await client.AskAsync($"MAIL FROM:<{sender}>");
        await client.AskAsync("RCPT TO:<one@alias.test>");
        await client.AskAsync("RCPT TO:<two@alias.test>");
    }
}
