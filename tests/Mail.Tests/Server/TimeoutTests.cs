using Smtpy.Mail.Server;
using Xunit;

namespace Smtpy.Mail.Tests.Server;

public sealed class TimeoutTests
{
    private const string TimedOut = "421 4.4.2 mx.test timed out waiting for you; closing connection";

    private readonly ManualTime _time = new();

    [Fact]
    public async Task An_idle_client_is_told_and_closed()
    {
        await using var server = await TestServer.StartAsync(time: _time);
        await using var client = await server.ConnectAsync();
        await client.GreetAsync();
        await ExpectTimeoutAsync(client);
        Assert.True(Elapsed >= TestServer.DefaultOptions.CommandTimeout);
    }

    [Fact]
    public async Task An_idle_client_in_tls_is_told_and_closed()
    {
        using var files = new TestCertificate();
        await using var server = await TestServer.StartAsync(certificate: files.Load(), time: _time);
        await using var client = await server.ConnectAsync();
        await client.GreetAsync();
        await client.AskAsync("STARTTLS");
        await client.StartTlsAsync();
        await client.AskAsync("EHLO x");
        await ExpectTimeoutAsync(client);
    }

    [Fact]
    public async Task Octets_that_trickle_in_do_not_put_off_the_end_of_a_command()
    {
        await using var server = await TestServer.StartAsync(time: _time);
        await using var client = await server.ConnectAsync();
        await client.GreetAsync();

        // The deadline stands since the reply to EHLO. Were it put off, it would not have passed at the end.
        for (var trickle = 0; trickle < 5; trickle++)
        {
            _time.Advance(TimeSpan.FromSeconds(50));
            await client.SendAsync("N");
        }

        var line = client.ReadLineAsync();
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(TimedOut, await line);
    }

    [Fact]
    public async Task Silence_inside_a_message_ends_it()
    {
        await using var server = await TestServer.StartAsync(time: _time);
        await using var client = await server.ConnectAsync();
        await BeginDataAsync(client);
        await client.SendAsync("half a mess");
        await ExpectTimeoutAsync(client);
        Assert.Empty(server.Policy.Messages);
        Assert.InRange(Elapsed, TestServer.DefaultOptions.DataBlockTimeout, TimeSpan.MaxValue);
    }

    [Fact]
    public async Task A_message_that_never_ends_is_ended()
    {
        await using var server = await TestServer.StartAsync(
            TestServer.DefaultOptions with { DataTimeout = TimeSpan.FromMinutes(10), DataBlockTimeout = TimeSpan.FromDays(1) }, time: _time);
        await using var client = await server.ConnectAsync();
        await BeginDataAsync(client);
        await client.SendAsync("drip\r\n");
        await ExpectTimeoutAsync(client);
        Assert.InRange(Elapsed, TimeSpan.FromMinutes(10), TimeSpan.FromDays(1));
    }

    [Fact]
    public async Task A_message_in_chunks_that_never_ends_is_ended_though_every_chunk_is_quick()
    {
        await using var server = await TestServer.StartAsync(
            TestServer.DefaultOptions with { DataTimeout = TimeSpan.FromMinutes(10) }, time: _time);
        await using var client = await server.ConnectAsync();
        await client.GreetAsync();
        await client.AskAsync("MAIL FROM:<a@b.test>");
        await client.AskAsync("RCPT TO:<c@mx.test>");
        var answers = new List<string?>();
        while (answers.Count < 10 && answers.LastOrDefault() != TimedOut)
        {
            await client.SendAsync("BDAT 1\r\nx");
            answers.Add(await client.ReadLineAsync());
            _time.Advance(TimeSpan.FromMinutes(2));
        }

        Assert.StartsWith("250", answers[0], StringComparison.Ordinal);
        Assert.Equal(TimedOut, answers[^1]);
        Assert.InRange(Elapsed, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(14));
        Assert.Empty(server.Policy.Messages);
    }

    [Fact]
    public async Task A_hanging_handshake_is_cut()
    {
        using var files = new TestCertificate();
        await using var server = await TestServer.StartAsync(certificate: files.Load(), time: _time);
        await using var client = await server.ConnectAsync();
        await client.GreetAsync();
        await client.AskAsync("STARTTLS");
        var line = client.ReadLineAsync();
        await Clock.AdvanceUntilAsync(_time, line);
        Assert.Null(await line);
        Assert.Empty(server.Logs.Lines);
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_cut()
    {
        await using var server = await TestServer.StartAsync(
            TestServer.DefaultOptions with { MaxErrorsPerConnection = int.MaxValue }, time: _time);
        await using var client = await server.ConnectAsync();
        var help = string.Concat(Enumerable.Repeat("HELP\r\n", 10_000));
        var flood = FloodAsync(client, help);
        await Clock.AdvanceUntilAsync(_time, server.Policy.Disconnected.Task);
        await flood;
        Assert.Empty(server.Logs.Lines);
    }

    private TimeSpan Elapsed => TimeSpan.FromTicks(_time.GetTimestamp());

    private static async Task FloodAsync(RawClient client, string help)
    {
        try
        {
            while (true)
            {
                await client.SendAsync(help);
            }
        }
        catch (Exception cut) when (cut is IOException or TimeoutException)
        {
            // The connection was reset, as it should be.
        }
    }

    private async Task ExpectTimeoutAsync(RawClient client)
    {
        var line = client.ReadLineAsync();
        await Clock.AdvanceUntilAsync(_time, line);
        Assert.Equal(TimedOut, await line);
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
