using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Smtpy.Mail.Client;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;
using static Smtpy.Mail.Tests.Client.ClientFixture;

namespace Smtpy.Mail.Tests.Client;

public sealed class ExtensionTests
{
    [Theory]
    [InlineData("8BITMIME", "caf\u00e9\r\n", "MAIL FROM:<> BODY=8BITMIME")]
    [InlineData("8BITMIME", "cafe\r\n", "MAIL FROM:<>")]
    [InlineData("HELP", "caf\u00e9\r\n", "MAIL FROM:<>")]
    public async Task Eight_bit_octets_are_announced_where_possible_and_sent_as_they_are(string offer, string body, string mail)
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync(offer);
            await peer.AnswerAsync((mail, "250 ok"), ("RCPT TO:<you@peer.example>", "250 ok"), ("DATA", "354 go"));
            Assert.Equal(Head + body + ".\r\n", await peer.ReadDataAsync());
            await peer.SayAsync("250 ok");
        });
        Assert.Equal(SendStatus.Delivered, (await SendOneAsync(server, body, sender: "")).Recipients[0].Status);
        await server.FinishAsync();
    }

    [Fact]
    public async Task SMTPUTF8_is_said_only_when_an_address_needs_it()
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("SMTPUTF8");
            await peer.AnswerAsync(
                ("MAIL FROM:<> SMTPUTF8", "250 ok"),
                ("RCPT TO:<" + Encoding.Latin1.GetString(Encoding.UTF8.GetBytes("j\u00f6@peer.example")) + ">", "250 ok"), ("DATA", "354 go"));
            await peer.ReadDataAsync();
            await peer.SayAsync("250 ok");
        });
        Assert.Equal(SendStatus.Delivered, (await SendOneAsync(server, to: "j\u00f6@peer.example", sender: "")).Recipients[0].Status);
        await server.FinishAsync();
    }

    [Theory]
    [InlineData("SMTPUTF8", true, "Subject: \u00c3\u00a9\r\n\r\nb\r\n", "MAIL FROM:<> SMTPUTF8")]
    [InlineData("SMTPUTF8", true, "Subject: e\r\n\r\n\u00c3\u00a9\r\n", "MAIL FROM:<>")]
    [InlineData("SMTPUTF8", true, "\r\n\u00c3\u00a9\r\n", "MAIL FROM:<>")]
    [InlineData("SMTPUTF8", false, "Subject: \u00c3\u00a9\r\n\r\nb\r\n", "MAIL FROM:<>")]
    [InlineData("HELP", true, "Subject: \u00c3\u00a9\r\n\r\nb\r\n", "MAIL FROM:<>")]
    public async Task An_internationalised_message_with_UTF_8_in_its_header_is_said_to_be_one_where_the_server_has_SMTPUTF8_and_is_never_refused(
        string offer, bool international, string content, string mail)
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync(offer);
            await peer.AnswerAsync((mail, "250 ok"), ("RCPT TO:<joe@peer.example>", "250 ok"), ("DATA", "354 go"));
            Assert.Equal(Head + content + ".\r\n", await peer.ReadDataAsync());
            await peer.SayAsync("250 ok");
        });
        await using var connection = await OpenAsync(server);
        var result = await connection.SendAsync(
            new SmtpEnvelope("", ["joe@peer.example"]) { SmtpUtf8 = international }, Encoding.Latin1.GetBytes(Head), Content(content),
            TestContext.Current.CancellationToken);
        Assert.Equal(SendStatus.Delivered, Assert.Single(result.Recipients).Status);
        await server.FinishAsync();
    }

    [Fact]
    public async Task Without_SMTPUTF8_only_the_recipients_that_need_it_are_refused()
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync();
            await peer.AnswerAsync(("MAIL FROM:<>", "250 ok"), ("RCPT TO:<joe@peer.example>", "250 ok"), ("DATA", "354 go"));
            await peer.ReadDataAsync();
            await peer.SayAsync("250 ok");
            await peer.ExpectCloseAsync();
        });
        await using var connection = await OpenAsync(server);
        var result = await SendAsync(connection, ["j\u00f6@peer.example", "joe@peer.example"], sender: "");
        Assert.Equal((SendStatus.Refused, "5.6.7"), (result.Recipients[0].Status, result.Recipients[0].Reply.Enhanced));
        Assert.Equal(SendStatus.Delivered, result.Recipients[1].Status);
        var bySender = await SendAsync(connection, ["joe@peer.example"], sender: "m\u00e9@client.example");
        Assert.Equal((SendStatus.Refused, "5.6.7"), (bySender.Recipients[0].Status, bySender.Recipients[0].Reply.Enhanced));
        await connection.DisposeAsync();
        await server.FinishAsync();
    }

    [Fact]
    public async Task A_message_over_the_announced_size_is_refused_unsaid()
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("SIZE 10");
            await peer.ExpectCloseAsync();
        });
        var result = await SendOneAsync(server);
        Assert.Equal((SendStatus.Refused, "5.3.4"), (result.Recipients[0].Status, result.Recipients[0].Reply.Enhanced));
        await server.FinishAsync();
    }

    [Theory]
    [InlineData("250 2.1.0 Ok", 250, "2.1.0", "Ok")]
    [InlineData("250", 250, null, "")]
    [InlineData("550 5.1.1", 550, "5.1.1", "")]
    [InlineData("550 5.1.1000 x", 550, null, "5.1.1000 x")]
    [InlineData("550 5.1 x", 550, null, "5.1 x")]
    [InlineData("550-5.7.1 one\r\n550-5.7.1 two\r\n550 5.7.1 three", 550, "5.7.1", "one 5.7.1 two 5.7.1 three")]
    [InlineData("450-a\n550 b\tc", 550, null, "a b c")]
    public void Replies_are_read_as_they_come(string wire, int code, string? enhanced, string text)
    {
        var parser = new ReplyParser();
        parser.Feed(Encoding.Latin1.GetBytes(wire + "\r\n250 next\r\n"));
        Assert.True(parser.IsComplete);
        Assert.Equal(new PeerReply(code, enhanced, text), parser.Capture());
    }

    [Fact]
    public void Any_split_of_a_reply_is_read_as_the_whole()
    {
        var texts = (from lines in Gen.Elements("", " 2.0.0 ok", "-more", " " + new string('x', 1500)).NonEmptyListOf()
                     from cuts in Gen.Choose(1, 40).NonEmptyListOf()
                     select (Wire: string.Concat(lines.Select(line => "250" + line + "\r\n")) + "250 end\r\n", Cuts: cuts)).ToArbitrary();
        Prop.ForAll(texts, sample => Replies(sample.Wire, [int.MaxValue]).SequenceEqual(Replies(sample.Wire, [.. sample.Cuts]))).QuickCheckThrowOnFailure();
    }

    private static List<PeerReply> Replies(string wire, int[] cuts)
    {
        var parser = new ReplyParser();
        var replies = new List<PeerReply>();
        ReadOnlySpan<byte> rest = Encoding.Latin1.GetBytes(wire);
        for (var i = 0; !rest.IsEmpty; i++)
        {
            var piece = rest[..Math.Min(rest.Length, cuts[i % cuts.Length])];
            rest = rest[parser.Feed(piece)..];
            if (parser.IsComplete)
            {
                replies.Add(parser.Capture());
            }
        }

        return replies;
    }
}
