using Smtpy.Core.Storage.Model;
using Smtpy.Smtp.Tests.Plan;
using Smtpy.Tests.Support;
using Xunit;

namespace Smtpy.Smtp.Tests.Receive;

/// <summary>What the engine refuses by itself is counted, logged, and put down for the owners whom it was for.</summary>
public sealed class NotTakenTests : IAsyncLifetime
{
    private ReceivingServer _server = null!;
    private RefusalCounts _refused = null!;


    public async ValueTask InitializeAsync()
    {
        _server = await ReceivingServer.StartAsync(engine: options => options with { MaxMessageSize = 100_000 });
        _refused = new RefusalCounts(_server.Smtpy);
    }

    public async ValueTask DisposeAsync()
    {
        _refused.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_message_over_the_limit_is_shown_to_its_owner()
    {
        Assert.StartsWith("552 5.3.4", await _server.SendAsync(content: "Subject: s\r\n\r\n" + Lines(120_000)), StringComparison.Ordinal);

        Assert.Equal(1, _refused["too_large"]);
        Assert.Single(_server.Smtpy.Logs.Lines, LogOf(552));
        var shown = await ShownAsync();
        Assert.Equal((_server.Smtpy.Owner, "shop@alias.test", ReceivingFixture.Jane), (shown.AccountId, shown.AliasAddress, shown.Sender));
        Assert.StartsWith("552 5.3.4", shown.Reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task So_is_one_that_came_in_chunks_and_it_counts_once()
    {
        using var client = await _server.OpenAsync();
        await client.CommandAsync("MAIL FROM:<" + ReceivingFixture.Jane + ">");
        await client.CommandAsync("RCPT TO:<shop@alias.test>");
        await client.SendAsync("BDAT 120000\r\n" + Lines(120_000));
        Assert.StartsWith("552 5.3.4", await client.ReadReplyAsync(), StringComparison.Ordinal);
        await client.SendAsync("BDAT 4 LAST\r\nab\r\n");
        Assert.StartsWith("552 5.3.4", await client.ReadReplyAsync(), StringComparison.Ordinal);

        Assert.Equal(1, _refused["too_large"]);
        await ShownAsync();
    }

    [Fact]
    public async Task An_announced_size_over_the_limit_is_counted_before_there_is_a_recipient()
    {
        using var client = await _server.OpenAsync();
        Assert.StartsWith("552 5.3.4", await client.CommandAsync("MAIL FROM:<" + ReceivingFixture.Jane + "> SIZE=200000"), StringComparison.Ordinal);

        Assert.Equal(1, _refused["too_large"]);
        Assert.Single(_server.Smtpy.Logs.Lines, LogOf(552));
        Assert.Empty(await _server.Smtpy.AllAsync<RefusalRow>());
    }

    [Theory]
    [InlineData("a\nb\r\n.\r\n")]
    [InlineData("a\rb\r\n.\r\n")]
    [InlineData("a\0b\r\n.\r\n")]
    [InlineData("a\nb")] // Told off at once, with no end in sight.
    public async Task Octets_that_no_message_may_hold_are_shown_to_the_owner(string body)
    {
        using var client = await _server.BeginAsync();
        await client.SendAsync("Subject: s\r\n\r\n" + body);
        Assert.StartsWith("554 5.6.0", await client.ReadReplyAsync(), StringComparison.Ordinal);

        Assert.Equal((1, 0), (_refused["bad_octets"], _refused["cut_off"]));
        Assert.Single(_server.Smtpy.Logs.Lines, LogOf(554));
        Assert.StartsWith("554 5.6.0", (await ShownAsync()).Reply, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_that_is_cut_off_is_counted_and_logged_and_nobody_is_bothered(bool inChunks)
    {
        using (var client = inChunks ? await _server.OpenAsync() : await _server.BeginAsync())
        {
            if (inChunks)
            {
                await client.CommandAsync("MAIL FROM:<" + ReceivingFixture.Jane + ">");
                await client.CommandAsync("RCPT TO:<shop@alias.test>");
                await client.SendAsync("BDAT 14\r\nSubject: s\r\n\r\n");
                Assert.StartsWith("250", await client.ReadReplyAsync(), StringComparison.Ordinal);
            }
            else
            {
                await client.SendAsync("Subject: s\r\n\r\nhalf");
            }
        }

        static bool IsLog(string line) => line.Contains("cut off", StringComparison.Ordinal) && line.Contains(ReceivingFixture.Jane, StringComparison.Ordinal);
        await Until.TrueAsync("it is logged", () => _server.Smtpy.Logs.Lines.Any(IsLog));
        Assert.Single(_server.Smtpy.Logs.Lines, IsLog);
        await Until.TrueAsync("it is counted", () => _refused["cut_off"] == 1);
        Assert.Empty(await _server.Smtpy.AllAsync<RefusalRow>());
    }

    [Fact]
    public async Task Messages_that_end_as_they_should_count_as_nothing()
    {
        Assert.StartsWith("250", await _server.SendAsync(), StringComparison.Ordinal);
        using (var client = await _server.OpenAsync())
        {
            await client.CommandAsync("MAIL FROM:<" + ReceivingFixture.Jane + ">");
            await client.CommandAsync("RCPT TO:<shop@alias.test>");
            await client.SendAsync("BDAT 4\r\nX: y");
            await client.ReadReplyAsync();
            await client.CommandAsync("RSET");
            await client.CommandAsync("QUIT");
        }

        Assert.Equal((0, 0, 0), (_refused["too_large"], _refused["bad_octets"], _refused["cut_off"]));
    }

    private async Task<RefusalRow> ShownAsync()
    {
        await Until.TrueAsync("its owner can see it", async () => (await _server.Smtpy.AllAsync<RefusalRow>()).Count > 0);
        return Assert.Single(await _server.Smtpy.AllAsync<RefusalRow>());
    }

    private static Predicate<string> LogOf(int code) =>
        line => line.StartsWith($"message from <{ReceivingFixture.Jane}> refused for 127.0.0.1: {code} ", StringComparison.Ordinal);

    private static string Lines(int octets) => string.Concat(Enumerable.Repeat(new string('x', 98) + "\r\n", octets / 100));
}
