using System.Text;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Hostile;

/// <summary>Peers that mean harm: memory stays bounded, and others are served meanwhile.</summary>
public sealed class HostileInputTests(HostileInputTests.Target target) : IClassFixture<HostileInputTests.Target>
{
    private const long MemoryBound = 400L * 1024 * 1024;

    private readonly RecordingSink _sink = target.Sink;
    private readonly SmtpyProcess _smtpy = target.Smtpy;

    /// <summary>One server for all attacks: what the first left behind, the last would feel.</summary>
    public sealed class Target : IAsyncLifetime
    {
        public RecordingSink Sink { get; } = new();

        public SmtpyProcess Smtpy { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Smtpy = await SmtpyProcess.StartAsync(
            Instance.RelayingTo(Sink.Port, ("SMTP_MAX_MESSAGE_SIZE", "10000000")), Instance.Domain,
            Instance.Alias("shop", "me@mailbox.test"));

        public async ValueTask DisposeAsync()
        {
            await Smtpy.DisposeAsync();
            await Sink.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("MAIL FROM:<")]
    [InlineData("EHLO ")]
    [InlineData("")]
    public async Task A_nine_megabyte_command_line_is_refused_before_it_is_buffered(string start)
    {
        using var conversation = await SmtpConversation.OpenAsync(_smtpy.SmtpPort);
        await SendAsLongAsTakenAsync(conversation, start, 'a', 9_000_000);
        await SendAsLongAsTakenAsync(conversation, "@client.test>\r\n", 'a', 0);
        Assert.Matches("^(5|421|$)", await conversation.ReadReplyAsync());
        await AssertOthersAreServedAsync();
    }

    /// <summary>A server of its own: the others' clients may be kept waiting by this machine for as long as this one's timeout.</summary>
    [Fact]
    public async Task A_command_that_comes_a_letter_at_a_time_runs_into_the_timeout()
    {
        await using var smtpy = new SmtpyProcess(new Dictionary<string, string?> { ["SMTP_COMMAND_TIMEOUT"] = "2" });
        await smtpy.StartAsync();
        using var conversation = await SmtpConversation.ConnectAsync(smtpy.SmtpPort);
        Assert.StartsWith("220", await conversation.ReadReplyAsync(), StringComparison.Ordinal);
        var reply = conversation.ReadReplyAsync();
        try
        {
            while (!reply.IsCompleted)
            {
                await conversation.SendAsync("x");
                await Task.WhenAny(reply, Task.Delay(200)); // The slowness is the attack.
            }
        }
        catch (System.Net.Sockets.SocketException)
        {
            // Hung up on, after the reply.
        }

        Assert.StartsWith("421", await reply, StringComparison.Ordinal);
        using var next = await SmtpConversation.ConnectAsync(smtpy.SmtpPort);
        Assert.StartsWith("220", await next.ReadReplyAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endless_head_ends_at_the_size_limit()
    {
        using var conversation = await SmtpConversation.OpenAsync(_smtpy.SmtpPort);
        await conversation.CommandAsync("MAIL FROM:<a@client.test>");
        await conversation.CommandAsync("RCPT TO:<shop@alias.test>");
        Assert.StartsWith("354", await conversation.CommandAsync("DATA"), StringComparison.Ordinal);
        var lines = string.Concat(Enumerable.Range(0, 1000).Select(number => $"X-Line-{number}: some value of a field\r\n"));
        for (var sent = 0; sent < 60_000_000; sent += lines.Length)
        {
            await conversation.SendAsync(lines);
        }

        await conversation.SendAsync("\r\n.\r\n");

        Assert.StartsWith("552 5.3.4", await conversation.ReadReplyAsync(), StringComparison.Ordinal);
        await AssertOthersAreServedAsync();
    }

    [Fact]
    public async Task A_single_line_without_end_stays_within_the_size_limit()
    {
        using var conversation = await SmtpConversation.OpenAsync(_smtpy.SmtpPort);
        await conversation.CommandAsync("MAIL FROM:<a@client.test>");
        await conversation.CommandAsync("RCPT TO:<shop@alias.test>");
        await conversation.CommandAsync("DATA");
        await SendAsLongAsTakenAsync(conversation, "X: ", 'y', 60_000_000);
        await SendAsLongAsTakenAsync(conversation, "\r\n\r\n.\r\n", 'y', 0);
        Assert.Matches("^(5|421|$)", await conversation.ReadReplyAsync());
        await AssertOthersAreServedAsync();
    }

    [Fact]
    public async Task Half_closed_connections_are_answered_and_closed()
    {
        using var conversation = await SmtpConversation.OpenAsync(_smtpy.SmtpPort);
        await conversation.SendAsync("NOOP\r\n");
        conversation.HalfClose();
        Assert.StartsWith("250", await conversation.ReadReplyAsync(), StringComparison.Ordinal);
        await conversation.ReadReplyAsync();
        await AssertOthersAreServedAsync();
    }

    [Fact]
    public async Task A_connection_that_is_cut_inside_a_message_delivers_nothing()
    {
        using (var conversation = await SmtpConversation.OpenAsync(_smtpy.SmtpPort))
        {
            await conversation.CommandAsync("MAIL FROM:<a@client.test>");
            await conversation.CommandAsync("RCPT TO:<shop@alias.test>");
            await conversation.CommandAsync("DATA");
            await conversation.SendAsync("Message-ID: <cut@client.test>\r\n\r\nbody\r\n");
            conversation.HalfClose();
            await conversation.ReadReplyAsync();
        }

        await AssertOthersAreServedAsync();
        await _smtpy.UntilQueueIsEmptyAsync();
        Assert.DoesNotContain("<cut@client.test>", _sink.Entries.Keys);
    }

    [Theory]
    [InlineData("\n.\n")]
    [InlineData("\n.\r\n")]
    [InlineData("\r\n.\n")]
    [InlineData("\r.\r")]
    [InlineData("\r\n.\r")]
    [InlineData("\r\n\0.\r\n")]
    public async Task Smuggled_ends_of_data_never_become_a_second_message(string end)
    {
        using var conversation = await SmtpConversation.OpenAsync(_smtpy.SmtpPort);
        await conversation.CommandAsync("MAIL FROM:<a@client.test>");
        await conversation.CommandAsync("RCPT TO:<shop@alias.test>");
        await conversation.CommandAsync("DATA");
        await conversation.SendAsync(
            $"Message-ID: <outer@client.test>\r\n\r\nbody{end}MAIL FROM:<b@client.test>\r\nRCPT TO:<shop@alias.test>\r\nDATA\r\n"
            + "Message-ID: <smuggled@client.test>\r\n\r\nbody\r\n.\r\n");

        Assert.StartsWith("5", await conversation.ReadReplyAsync(), StringComparison.Ordinal);

        await AssertOthersAreServedAsync();
        Assert.DoesNotContain("<smuggled@client.test>", _sink.Entries.Keys);
        Assert.DoesNotContain("<outer@client.test>", _sink.Entries.Keys);
    }

    private static async Task SendAsLongAsTakenAsync(SmtpConversation conversation, string start, char filler, int octets)
    {
        var block = new string(filler, 65536);
        try
        {
            await conversation.SendAsync(start);
            for (var sent = 0; sent < octets; sent += block.Length)
            {
                await conversation.SendAsync(block);
            }
        }
        catch (System.Net.Sockets.SocketException)
        {
            // The server had enough.
        }
    }

    private async Task AssertOthersAreServedAsync()
    {
        var id = $"<{Guid.NewGuid():n}@client.test>";
        using var conversation = await SmtpConversation.OpenAsync(_smtpy.SmtpPort);
        var reply = await conversation.TransactAsync(
            "a@client.test", "shop@alias.test", Encoding.ASCII.GetBytes($"Message-ID: {id}\r\n\r\nbody\r\n"));
        Assert.StartsWith("250", reply, StringComparison.Ordinal);
        await Until.TrueAsync("it arrived", () => _sink.Entries.ContainsKey(id));
        Assert.InRange(_smtpy.ResidentOctets("VmHWM"), 1, MemoryBound);
    }
}
