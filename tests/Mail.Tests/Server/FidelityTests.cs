using System.Security.Cryptography;
using System.Text;
using Smtpy.Mail.Notices;
using Smtpy.Mail.Server;
using Xunit;

namespace Smtpy.Mail.Tests.Server;

/// <summary>What the sink gets is what was sent, octet for octet.</summary>
public sealed class FidelityTests
{
    public static TheoryData<string> Messages() => [.. Samples.Keys];

    private static readonly Dictionary<string, byte[]> Samples = new()
    {
        ["eight bits"] = EightBit(),
        ["10,000 header lines"] = Encoding.ASCII.GetBytes(
            string.Concat(Enumerable.Range(0, 10_000).Select(i => $"X-Line-{i}: value\r\n\tfolded\r\n")) + "\r\nbody\r\n"),
        ["nested MIME"] = Encoding.ASCII.GetBytes(Nested(20)),
        ["one very long line"] = Encoding.ASCII.GetBytes($"Subject: long\r\n\r\n{new string('x', 300_000)}\r\n"),
        ["only dots"] = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 300).Select(i => new string('.', i) + "\r\n"))),
        ["header only"] = Encoding.ASCII.GetBytes("Subject: no body\r\n"),
        ["white space kept"] = Encoding.ASCII.GetBytes("Subject: x \t \r\n\r\n \t\r\n\r\n\r\nend \r\n"),
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task A_message_passes_through_data_unchanged(string name)
    {
        var message = Samples[name];
        var stuffed = ("\r\n" + Encoding.Latin1.GetString(message)).Replace("\r\n.", "\r\n..", StringComparison.Ordinal)[2..];
        await using var server = await TestServer.StartAsync();
        await using var client = await server.ConnectAsync();
        await client.GreetAsync();
        await client.SendAsync("MAIL FROM:<a@b.example> BODY=8BITMIME\r\nRCPT TO:<a@b.example>\r\nDATA\r\n");
        await client.ReadReplyAsync();
        await client.ReadReplyAsync();
        await client.ReadReplyAsync();
        await client.SendAsync(stuffed + ".\r\n");
        Assert.Equal("250 2.0.0 Stored", await client.ReadReplyAsync());
        Assert.Equal(Convert.ToHexString(SHA256.HashData(message)), Assert.Single(server.Policy.Messages).Sha256);
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task A_message_passes_through_chunks_unchanged_with_and_without_a_final_line_end(string name)
    {
        foreach (var message in new[] { Samples[name], Samples[name][..^2] })
        {
            await using var server = await TestServer.StartAsync();
            await using var client = await server.ConnectAsync();
            await client.GreetAsync();
            var half = message.Length / 2;
            byte[] dialog =
            [
                .. Encoding.ASCII.GetBytes($"MAIL FROM:<a@b.example>\r\nRCPT TO:<a@b.example>\r\nBDAT {half}\r\n"), .. message[..half],
                .. Encoding.ASCII.GetBytes($"BDAT {message.Length - half} LAST\r\n"), .. message[half..],
            ];
            await client.SendAsync(dialog);
            await client.ReadReplyAsync();
            await client.ReadReplyAsync();
            Assert.Equal("250 2.0.0 Chunk taken", await client.ReadReplyAsync());
            Assert.Equal("250 2.0.0 Stored", await client.ReadReplyAsync());
            Assert.Equal(Convert.ToHexString(SHA256.HashData(message)), Assert.Single(server.Policy.Messages).Sha256);
        }
    }

    [Fact]
    public async Task A_message_of_100_MB_made_on_the_fly_passes_unchanged()
    {
        await using var server = await TestServer.StartAsync(TestServer.DefaultOptions with { MaxMessageSize = 200_000_000 });
        await using var client = await server.ConnectAsync();
        await client.GreetAsync();
        await client.SendAsync("MAIL FROM:<a@b.example> SIZE=100000000\r\nRCPT TO:<a@b.example>\r\nDATA\r\n");
        await client.ReadReplyAsync();
        await client.ReadReplyAsync();
        await client.ReadReplyAsync();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 0; i < 100_000; i++)
        {
            var line = Encoding.ASCII.GetBytes($"{i:d8}{new string((char)('a' + (i % 26)), 990)}\r\n");
            hash.AppendData(line);
            await client.SendAsync(line);
        }

        Assert.Equal("250 2.0.0 Stored", await client.AskAsync("."));
        var message = Assert.Single(server.Policy.Messages);
        Assert.Equal(100_000_000, message.Size);
        Assert.Equal(Convert.ToHexString(hash.GetHashAndReset()), message.Sha256);
    }

    [Fact]
    public async Task The_transaction_tells_the_policy_what_the_client_said()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.ConnectAsync();
        await client.GreetAsync();
        await client.AskAsync("MAIL FROM:<a@b.example> SIZE=9 BODY=8BITMIME SMTPUTF8 RET=FULL ENVID=id+2B1");
        await client.AskAsync("RCPT TO:<c@D.Example> NOTIFY=NEVER ORCPT=rfc822;o@p.example");
        await client.AskAsync("DATA");
        await client.AskAsync(".");
        var transaction = Assert.Single(server.Policy.Messages).Transaction;
        Assert.Equal(("a@b.example", 9L, true, true), (transaction.Sender.Address, transaction.DeclaredSize, transaction.EightBitMime, transaction.SmtpUtf8));
        Assert.Equal(("FULL", "id+1", "client.example"), (transaction.DsnReturn, transaction.EnvelopeId, transaction.Peer.Helo));
        Assert.Equal("UTF8SMTP", transaction.Peer.Protocol(transaction.SmtpUtf8));
        var recipient = Assert.Single(transaction.Recipients);
        Assert.Equal(("c", "d.example", "c@D.Example"), (recipient.LocalPart, recipient.Domain, recipient.Address));
        Assert.Equal((DsnNotify.Never, "rfc822;o@p.example"), (recipient.Notify, recipient.OriginalRecipient));
    }

    private static byte[] EightBit()
    {
        var octets = new byte[200_000];
        new Random(4711).NextBytes(octets);
        return
        [
            .. "Subject: 8-bit \u00fc\r\n\r\n"u8,
            .. octets.Select((octet, i) => (i % 77) switch { 75 => (byte)'\r', 76 => (byte)'\n', _ => octet is 0 or 10 or 13 ? (byte)'.' : octet })
                .Take(77 * 2500),
        ];
    }

    private static string Nested(int depth) => depth == 0
        ? "Content-Type: text/plain\r\n\r\ncore\r\n"
        : $"Content-Type: multipart/mixed; boundary=b{depth}\r\n\r\n--b{depth}\r\n{Nested(depth - 1)}\r\n--b{depth}--\r\n";
}
