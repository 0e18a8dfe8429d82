using System.Text;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Hostile;

/// <summary>Many clients that send half a message and wait: memory stays within SMTP_RECEIVE_MEMORY, and others are served meanwhile.</summary>
[Trait("speed", "slow")]
public sealed class HalfSentMessageTests
{
    private const long Budget = 16L * 1024 * 1024;

    [Theory]
    [InlineData(300, 1_000_000, "")] // A header that does not end: 300 MB.
    [InlineData(2000, 120_000, "Subject: s\r\n\r\n")] // Bodies: 240 MB.
    public async Task Half_sent_messages_share_a_bounded_memory_while_others_are_served(int clients, int octets, string start)
    {
        await using var sink = new RecordingSink();
        await using var smtpy = await StartAsync(sink);
        for (var i = 0; i < 10; i++)
        {
            Assert.StartsWith("250", await SendAsync(smtpy, $"before-{i}", 1_000_000), StringComparison.Ordinal);
        }

        var half = new List<SmtpConversation>();
        try
        {
            for (var i = 0; i < clients; i++)
            {
                half.Add(await SmtpConversation.OpenAsync(smtpy.SmtpPort));
                await BeginAsync(half[i], start);
            }

            // What a connection takes beside its message is IdleConnectionTests' matter.
            var idle = smtpy.ResidentOctets("VmHWM");
            await Parallel.ForEachAsync(half, new ParallelOptions { MaxDegreeOfParallelism = 20 }, async (client, cancel) => await client.SendAsync(Lines(octets), cancel));

            for (var i = 0; i < 10; i++)
            {
                Assert.StartsWith("250", await SendAsync(smtpy, $"meanwhile-{i}"), StringComparison.Ordinal);
            }

            var held = await MetricAsync(smtpy, "smtpy_receive_memory_size_bytes");
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{clients} clients of {octets} octets: {idle >> 20} MiB before, at most {smtpy.ResidentOctets("VmHWM") >> 20} MiB; counted {held >> 20} MiB; now {smtpy.ResidentOctets() >> 20} MiB");
            Assert.InRange(held, 1, Budget);

            // Without a bound it would be all that was sent. Beside the budget there is what the pool and the collector keep, which differs
            // from machine to machine, and what serving the others took.
            Assert.InRange(smtpy.ResidentOctets("VmHWM") - idle, 0, (long)clients * octets / 2);
        }
        finally
        {
            half.ForEach(client => client.Dispose());
        }

        await Until.TrueAsync(
            "nothing is held for those who are gone", async () => await MetricAsync(smtpy, "smtpy_receive_memory_size_bytes") == 0);
        TestContext.Current.TestOutputHelper?.WriteLine($"afterwards {smtpy.ResidentOctets() >> 20} MiB");
        Assert.StartsWith("250", await SendAsync(smtpy, "after", 5_000_000), StringComparison.Ordinal);
        await Until.TrueAsync(
            "all that was accepted arrived", () => sink.Entries.ContainsKey("<after@client.test>") && sink.Entries.Count == 21);
        await Until.TrueAsync("all who went are counted", async () => await MetricAsync(smtpy, "smtpy_refused_total", "cut_off") == clients);
    }

    private static Task<SmtpyProcess> StartAsync(RecordingSink sink) => SmtpyProcess.StartAsync(
        Instance.RelayingTo(sink.Port, ("SMTP_RECEIVE_MEMORY", $"{Budget}")), Instance.Domain, Instance.Alias("shop", "me@mailbox.test"));

    private static async Task BeginAsync(SmtpConversation client, string start)
    {
        await client.CommandAsync("MAIL FROM:<a@client.test>");
        await client.CommandAsync("RCPT TO:<shop@alias.test>");
        Assert.StartsWith("354", await client.CommandAsync("DATA"), StringComparison.Ordinal);
        await client.SendAsync(start);
    }

    private static string Lines(int octets) => string.Concat(Enumerable.Repeat("X-Line: " + new string('x', 490) + "\r\n", octets / 500));

    private static async Task<string> SendAsync(SmtpyProcess smtpy, string name, int octets = 10_000)
    {
        using var conversation = await SmtpConversation.OpenAsync(smtpy.SmtpPort);
        var body = string.Concat(Enumerable.Repeat(new string('x', 98) + "\r\n", octets / 100));
        return await conversation.TransactAsync(
            "sender@client.test", "shop@alias.test", Encoding.ASCII.GetBytes($"Message-ID: <{name}@client.test>\r\n\r\n{body}"));
    }

    private static async Task<long> MetricAsync(SmtpyProcess smtpy, string name, string label = "")
    {
        var line = (await smtpy.GetAsync("/metrics")).Text.Split('\n')
            .First(text => text.StartsWith(name, StringComparison.Ordinal) && text.Contains(label, StringComparison.Ordinal));
        return (long)double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
