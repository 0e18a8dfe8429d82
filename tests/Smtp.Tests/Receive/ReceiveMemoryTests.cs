using Smtpy.Smtp.Receive;
using Smtpy.Smtp.Tests.Plan;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.Smtp.Tests.Receive;

/// <summary>All messages under way share one budget of memory.</summary>
public sealed class ReceiveMemoryTests
{
    private const int Budget = 1024 * 1024;


    [Theory]
    [InlineData("X: ")] // A header without end cannot be stored ahead.
    [InlineData("X: y\r\n\r\n")]
    public async Task Who_waits_in_half_a_message_makes_room_for_who_goes_on(string start)
    {
        await using var server = await ReceivingServer.StartAsync(options => options with { MemoryOctets = Budget });
        using var refused = new RefusalCounts(server.Smtpy);
        var memory = server.Smtpy.Get<ReceiveMemory>();
        var half = new List<SmtpConversation>();
        try
        {
            for (var i = 0; i < 40; i++)
            {
                var client = await server.BeginAsync();
                half.Add(client);
                await client.SendAsync(start + new string('y', 60_000) + "\r\n");
                Assert.InRange(memory.Octets, 0, Budget);
            }

            // Also one that needs many parts, and one that is half the budget.
            Assert.StartsWith("250", await server.SendAsync(), StringComparison.Ordinal);
            Assert.StartsWith("250", await server.SendAsync(content: "X: y\r\n\r\n" + Lines(3_000_000)), StringComparison.Ordinal);
            Assert.StartsWith("250", await server.SendAsync(content: Header(400_000) + "\r\n"), StringComparison.Ordinal);
            Assert.InRange(memory.Octets, 0, Budget);

            // Who was given up is told at the end, and may come again at once.
            await half[0].SendAsync("\r\n.\r\n");
            Assert.StartsWith("452 4.3.1", await half[0].ReadReplyAsync(), StringComparison.Ordinal);
            Assert.Equal(1, refused["memory"]);
            Assert.StartsWith(
                "250", await half[0].TransactAsync(ReceivingFixture.Jane, "shop@alias.test", "X: y\r\n\r\nbody\r\n"u8.ToArray()), StringComparison.Ordinal);
        }
        finally
        {
            half.ForEach(client => client.Dispose());
        }

        await Until.TrueAsync("all is given back", () => memory.Octets == 0);
        Assert.Equal(0, refused["smtpy.receive.memory.size"]);
    }

    [Fact]
    public async Task An_announced_size_holds_nothing()
    {
        await using var server = await ReceivingServer.StartAsync(options => options with { MemoryOctets = Budget });
        using var client = await server.BeginAsync(parameters: " SIZE=50000000");
        Assert.InRange(server.Smtpy.Get<ReceiveMemory>().Octets, 1, 64 * 1024);
    }

    [Fact]
    public async Task A_message_that_alone_is_more_than_there_is_gets_452_and_holds_nothing()
    {
        await using var server = await ReceivingServer.StartAsync(options => options with { MemoryOctets = 256 * 1024 });
        Assert.StartsWith("452 4.3.1", await server.SendAsync(content: Header(400_000) + "\r\n"), StringComparison.Ordinal);
        Assert.Equal(0, server.Smtpy.Get<ReceiveMemory>().Octets);
    }

    [Fact]
    public async Task What_is_found_in_a_header_counts_too()
    {
        // 60,000 fields of five octets take ten times as much as they are.
        await using var server = await ReceivingServer.StartAsync(options => options with { MemoryOctets = 2 * Budget });
        Assert.StartsWith("452 4.3.1", await server.SendAsync(content: string.Concat(Enumerable.Repeat("a:b\r\n", 60_000)) + "\r\nbody\r\n"), StringComparison.Ordinal);
        Assert.Equal(0, server.Smtpy.Get<ReceiveMemory>().Octets);
    }

    [Fact]
    public async Task Messages_on_their_way_out_are_counted_by_their_way_out()
    {
        await using var server = await ReceivingServer.StartAsync();
        Assert.StartsWith("250", await server.SendAsync(content: "X: y\r\n\r\n" + Lines(900_000)), StringComparison.Ordinal);
        Assert.Equal(0, server.Smtpy.Get<ReceiveMemory>().Octets);
    }

    private static string Lines(int octets) => string.Concat(Enumerable.Repeat(new string('x', 98) + "\r\n", octets / 100));

    private static string Header(int octets) => string.Concat(Enumerable.Repeat("X-Line: " + new string('x', 490) + "\r\n", octets / 500));
}
