using System.Text;
using Smtpy.Tests.Support;
using Xunit;

namespace Smtpy.Mail.Tests.Server;

/// <summary>Alone in the process, since memory is measured.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(Alone))]
public sealed class HostileInputTests
{
    private const int Megabyte = 1024 * 1024;

    [Theory]
    [InlineData("MAIL FROM:<")]
    [InlineData("\0\xff")]
    public async Task A_command_line_of_9_MB_takes_no_memory(string start)
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.ConnectAsync();
        await client.GreetAsync();
        await client.AskAsync("NOOP");
        var piece = Encoding.ASCII.GetBytes(new string('a', 64 * 1024));
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await client.SendAsync(start);
        for (var sent = 0; sent < 9 * Megabyte; sent += piece.Length)
        {
            await client.SendAsync(piece);
        }

        await client.SendAsync(">\r\n");
        Assert.Equal("500 5.5.2 Line too long; a command has at most 2048 octets", await client.ReadReplyAsync());
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 2 * Megabyte);
        Assert.Equal("250 2.0.0 OK", await client.AskAsync("NOOP"));
    }

    [Fact]
    public async Task An_endless_header_is_read_to_its_end_and_refused()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.ConnectAsync();
        await BeginDataAsync(client);
        var lines = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("X-Endless: yes\r\n", 4096)));
        for (var sent = 0; sent < 60 * Megabyte; sent += lines.Length)
        {
            await client.SendAsync(lines);
        }

        Assert.Equal("552 5.3.4 Message larger than the limit of 52428800 octets", await client.AskAsync("."));
        Assert.Empty(server.Policy.Messages);
        Assert.Equal(0, server.Policy.OpenSinks);
        Assert.Equal("250 2.1.0 Sender OK", await client.AskAsync("MAIL FROM:<a@b.example>"));
    }

    [Fact]
    public async Task A_client_that_closes_its_sending_side_still_gets_all_replies()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.ConnectAsync();
        await client.GreetAsync();
        await client.SendAsync("MAIL FROM:<a@b.example>\r\nRCPT TO:<a@b.example>\r\nBDAT 2 LAST\r\nhiNOOP\r\nunfinished");
        client.CloseSending();
        foreach (var reply in new[] { "250 2.1.0 Sender OK", "250 2.1.5 Recipient OK", "250 2.0.0 Stored", "250 2.0.0 OK", null })
        {
            Assert.Equal(reply, await client.ReadLineAsync());
        }

        Assert.Single(server.Policy.Messages);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_goes_in_mid_message_leaves_nothing_behind(bool reset)
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.ConnectAsync();
        await BeginDataAsync(client);
        await client.SendAsync("half a mess");
        if (reset)
        {
            client.Reset();
        }
        else
        {
            client.CloseSending();
            Assert.Null(await client.ReadLineAsync());
        }

        await server.Policy.Disconnected.Task.WaitAsync(Until.Patience, TestContext.Current.CancellationToken);
        Assert.Empty(server.Policy.Messages);
        Assert.Equal(0, server.Policy.OpenSinks);
        Assert.Empty(server.Logs.Lines);
    }

    [Fact]
    public async Task Other_clients_are_served_while_one_hangs_in_its_message()
    {
        await using var server = await TestServer.StartAsync();
        await using var slow = await server.ConnectAsync();
        await BeginDataAsync(slow);
        await using var client = await server.ConnectAsync();
        await BeginDataAsync(client);
        Assert.Equal("250 2.0.0 Stored", await client.AskAsync("x\r\n."));
    }

    [Fact]
    public async Task A_bad_message_is_answered_at_once_though_its_end_never_comes()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.ConnectAsync();
        await BeginDataAsync(client);
        await client.SendAsync("line ends\nof another world\n.\n");
        Assert.StartsWith("554 5.6.0", await client.ReadReplyAsync(), StringComparison.Ordinal);
        await client.SendAsync("MAIL FROM:<evil@b.example>\r\nRCPT TO:<a@b.example>\r\n");
        client.CloseSending();
        Assert.Null(await client.ReadLineAsync());
    }

    private static async Task BeginDataAsync(RawClient client)
    {
        await client.GreetAsync();
        await client.AskAsync("MAIL FROM:<a@b.example>");
        await client.AskAsync("RCPT TO:<a@b.example>");
        Assert.StartsWith("354", await client.AskAsync("DATA"), StringComparison.Ordinal);
    }
}
