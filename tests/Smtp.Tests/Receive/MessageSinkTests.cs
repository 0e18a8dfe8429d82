using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Smtpy.Core.Aliases;
using Smtpy.Mail.Server;
using Smtpy.Smtp.Receive;
using Smtpy.Smtp.Tests.Plan;
using Xunit;

namespace Smtpy.Smtp.Tests.Receive;

/// <summary>From octets in pieces to stored parts.</summary>
public sealed class MessageSinkTests
{
    private const string Signature =
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=sender.test; s=s; h=from; bh=AAAA; b=AAAA\r\n"
        + "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=sender.test; s=s; h=from; bh=AAAA; b=AAAA\r\n";

    private static readonly Gen<byte[]> Messages = Gen.Elements(
        "X: y\r\n"u8.ToArray(), "\r\n"u8.ToArray(), "\r\n\r\n"u8.ToArray(), " folded \r\n"u8.ToArray(), "text\t "u8.ToArray(), [0xff], "no field\r\n"u8.ToArray(),
        Encoding.ASCII.GetBytes("Received: x\r\n"), Encoding.ASCII.GetBytes(new string('z', 200) + "\r\n"))
        .ListOf().Select(pieces => pieces.SelectMany(static piece => piece).ToArray());

    private static readonly Gen<int[]> Cuts = Gen.Choose(1, 300).NonEmptyListOf().Select(static sizes => sizes.ToArray());

    [Fact]
    public async Task The_same_octets_in_any_pieces_give_the_same_answer_the_same_stored_octets_and_the_same_header_and_hashes()
    {
        await using var smtpy = await ReceivingFixture.CreateAsync(receive: options => options with { PartSize = 512, MaxHeaderSize = 600 });
        smtpy.Store.KeepsApart = true;
        var answers = new HashSet<string>();
        var parts = 0;
        foreach (var (message, cuts) in Messages.SelectMany(message => Cuts.Select(cuts => (message, cuts))).Sample(300, 60))
        {
            byte[] octets = [.. Encoding.ASCII.GetBytes(Signature), .. message];
            var whole = await TakeAsync(smtpy, octets, [octets.Length]);
            var cut = await TakeAsync(smtpy, octets, cuts);
            Assert.Equal(whole, cut with { Parts = whole.Parts });
            Assert.True(cut.Reply[0] != '2' || cut.Stored == Encoding.Latin1.GetString(octets));
            Assert.Equal(0, smtpy.Get<ReceiveMemory>().Octets);
            answers.Add(cut.Reply[..3]);
            parts = Math.Max(parts, cut.Parts);
        }

        // The property says something only where all of this came about.
        Assert.Equal(["250", "552"], answers.Order());
        Assert.True(parts > 2);
    }

    [Theory]
    [InlineData(600, "\r\n\r\nbody\r\n", "250")]
    [InlineData(601, "\r\n\r\nbody\r\n", "552 5.3.4")]
    [InlineData(600, "\r\n", "250")] // No body at all.
    [InlineData(601, "\r\n", "552 5.3.4")]
    public async Task A_header_over_its_limit_is_refused_however_it_comes(int size, string rest, string expected)
    {
        await using var smtpy = await ReceivingFixture.CreateAsync(receive: options => options with { PartSize = 128, MaxHeaderSize = 600 });
        using var refused = new RefusalCounts(smtpy);
        var octets = Encoding.ASCII.GetBytes("X: " + new string('y', size - 5) + rest);
        foreach (var step in new[] { 1, 7, 598, 599, 600, 601, 602, 603, octets.Length })
        {
            Assert.StartsWith(expected, (await TakeAsync(smtpy, octets, [step])).Reply, StringComparison.Ordinal);
        }

        Assert.Equal(expected[0] == '2' ? 0 : 9, refused["header_too_large"]);
    }

    [Fact]
    public async Task A_header_over_its_limit_is_answered_at_its_end_over_a_socket_too_and_the_next_message_is_taken()
    {
        await using var server = await ReceivingServer.StartAsync();
        using var client = await server.OpenAsync();
        var lines = string.Concat(Enumerable.Repeat("X-Line: some value of a field\r\n", 40_000));
        Assert.StartsWith(
            "552 5.3.4", await client.TransactAsync(ReceivingFixture.Jane, "shop@alias.test", Encoding.ASCII.GetBytes(lines + "\r\nbody\r\n")), StringComparison.Ordinal);
        Assert.StartsWith(
            "250", await client.TransactAsync(ReceivingFixture.Jane, "shop@alias.test", "X: y\r\n\r\nbody\r\n"u8.ToArray()), StringComparison.Ordinal);
        Assert.Equal(0, server.Smtpy.Get<ReceiveMemory>().Octets);
    }

    [Fact]
    public async Task What_was_stored_ahead_of_a_message_that_ends_early_is_taken_back()
    {
        await using var smtpy = await ReceivingFixture.CreateAsync(receive: options => options with { PartSize = 512 });
        await using (var sink = await OpenAsync(smtpy))
        {
            sink.Write(Encoding.ASCII.GetBytes("X: y\r\n\r\n" + new string('z', 2000)));
            await sink.FlushAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(smtpy.Store.Parts.Keys.Select(static key => key.Message), smtpy.Store.Abandoned);
        Assert.Equal(0, smtpy.Get<ReceiveMemory>().Octets);
    }

    private static async Task<Taken> TakeAsync(ReceivingFixture smtpy, byte[] octets, int[] cuts)
    {
        var (header, hashes, trace, id) = ("", "", 0, 0L);
        smtpy.Judging = message =>
        {
            (trace, id) = (message.TraceLength, message.Id);
            header = Encoding.Latin1.GetString(message.Inspection.Header.Span);
            hashes = string.Join(' ', message.Inspection.Signatures.BodyHashes.Select(
                kind => message.Inspection.Body.TryGetHash(kind, out var hash, out var length) ? Convert.ToHexString(hash) + length : "none"));
        };
        await using var sink = await OpenAsync(smtpy);
        for (int at = 0, cut = 0; at < octets.Length; cut++)
        {
            var size = Math.Min(cuts[cut % cuts.Length], octets.Length - at);
            sink.Write(octets.AsSpan(at, size));
            await sink.FlushAsync(TestContext.Current.CancellationToken);
            at += size;
        }

        var reply = (await sink.CompleteAsync(TestContext.Current.CancellationToken)).ToString();
        var isTaken = reply.StartsWith("250", StringComparison.Ordinal);
        return new Taken(
            isTaken ? "250" : reply, header, hashes, isTaken ? Encoding.Latin1.GetString(smtpy.Store.Octets(id).AsSpan(trace)) : "",
            smtpy.Store.Parts.Keys.Count(key => key.Message == id));
    }

    private static async Task<IMessageSink> OpenAsync(ReceivingFixture smtpy)
    {
        var transaction = new SmtpTransaction { Peer = ReceivingFixture.Stranger(), Sender = new ReversePath(ReceivingFixture.Jane) };
        ((List<SmtpRecipient>)transaction.Recipients).Add(new SmtpRecipient
        {
            LocalPart = "shop",
            Domain = "alias.test",
            Address = "shop@alias.test",
            PolicyState = await smtpy.Get<IAliasDirectory>().FindAsync("shop", "alias.test", TestContext.Current.CancellationToken),
        });
        return (await smtpy.Get<MailReceiver>().OnDataAsync(transaction, TestContext.Current.CancellationToken)).Sink!;
    }

    private sealed record Taken(string Reply, string Header, string Hashes, string Stored, int Parts);
}
