using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Smtpy.Mail.Client;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;
using static Smtpy.Mail.Tests.Client.ClientFixture;

namespace Smtpy.Mail.Tests.Client;

public sealed class ContentTests
{
    private static async Task<string> SentAsync(string head, params string[] parts)
    {
        var data = "";
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("PIPELINING");
            await peer.ReadLineAsync();
            await peer.ReadLineAsync();
            await peer.ReadLineAsync();
            await peer.SayAsync("250 ok", "250 ok", "354 go");
            data = await peer.ReadDataAsync();
            await peer.SayAsync("250 ok");
        });
        await using var connection = await OpenAsync(server);
        var result = await connection.SendAsync(
            new SmtpEnvelope("", ["you@peer.example"]), Encoding.Latin1.GetBytes(head), new PartedContent(parts), TestContext.Current.CancellationToken);
        Assert.Equal("Delivered 250 ok", Describe(result.Recipients[0]));
        await server.FinishAsync();
        return data;
    }

    [Theory]
    [InlineData("", ".\r\n")]
    [InlineData("x", "x\r\n.\r\n")]
    [InlineData("x\r\n", "x\r\n.\r\n")]
    [InlineData(".", "..\r\n.\r\n")]
    [InlineData(".\r\n", "..\r\n.\r\n")]
    [InlineData("a\r\n.\r\n..\r\n.b.c\r\n", "a\r\n..\r\n...\r\n..b.c\r\n.\r\n")]
    [InlineData("\r\n\r\n", "\r\n\r\n.\r\n")]
    public async Task Dots_are_doubled_and_the_end_is_marked(string body, string wire) => Assert.Equal(wire, await SentAsync("", body));

    [Theory]
    [InlineData("a\r\n", ".b", "\r\n.", "c\r", "\n", ".")]
    [InlineData("", ".", "", ".", "\r\n", ".")]
    public async Task Part_borders_do_not_matter(params string[] parts) =>
        Assert.Equal(Stuffed("H: 1\r\n" + string.Concat(parts)), await SentAsync("H: 1\r\n", parts));

    [Fact]
    public async Task Large_parts_arrive_octet_by_octet()
    {
        var random = new Random(1);
        var parts = Enumerable.Range(0, 5).Select(_ => RandomLines(random, 300_000)).ToArray();
        var whole = string.Concat(parts);
        Assert.Equal(Stuffed("H: 1\r\n" + whole), await SentAsync("H: 1\r\n", parts));
    }

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\rb")]
    [InlineData("a\r")]
    [InlineData("\n")]
    [InlineData("a\r\r\n")]
    [InlineData("a\r\n\n")]
    public async Task A_bare_CR_or_LF_fails_the_message_and_never_reaches_its_end(string body)
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("PIPELINING");
            await peer.ReadLineAsync();
            await peer.ReadLineAsync();
            await peer.ReadLineAsync();
            await peer.SayAsync("250 ok", "250 ok", "354 go");
            await Assert.ThrowsAsync<EndOfStreamException>(peer.ReadDataAsync);
        });
        await using var connection = await OpenAsync(server);
        var result = await SendAsync(connection, ["you@peer.example"], body);
        Assert.Equal("Refused 554 5.6.0 the message has a bare CR or LF; it is not passed on", Describe(result.Recipients[0]));
        Assert.False(connection.IsUsable);
        await connection.DisposeAsync();
        await server.FinishAsync();
    }

    [Fact]
    public async Task A_part_that_cannot_be_read_defers_and_never_reaches_the_end()
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("PIPELINING");
            await peer.ReadLineAsync();
            await peer.ReadLineAsync();
            await peer.ReadLineAsync();
            await peer.SayAsync("250 ok", "250 ok", "354 go");
            await Assert.ThrowsAsync<EndOfStreamException>(peer.ReadDataAsync);
        });
        await using var connection = await OpenAsync(server);
        var result = await connection.SendAsync(
            new SmtpEnvelope("", ["you@peer.example"]), default, new PartedContent("a\r\n", null), TestContext.Current.CancellationToken);
        Assert.Equal("Deferred 451 4.3.0 the stored message cannot be read: gone", Describe(result.Recipients[0]));
        await connection.DisposeAsync();
        await server.FinishAsync();
    }

    [Fact]
    public void Any_split_is_stuffed_as_the_whole()
    {
        var pieces = Gen.Elements("\r\n", ".", "a", "bc", "\r\n.", "..").ArrayOf().Select(string.Concat);
        var texts = (from text in pieces from cuts in Gen.Choose(0, 1 + text.Length).ArrayOf() select (text, cuts)).ToArbitrary();
        Prop.ForAll(texts, sample => Stuffed(sample.text) == StuffedInParts(sample.text, sample.cuts)).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Any_split_finds_the_same_bare_CR_or_LF()
    {
        var pieces = Gen.Elements("\r\n", "\r", "\n", ".", "a").ArrayOf().Select(string.Concat);
        var texts = (from text in pieces from cuts in Gen.Choose(0, 1 + text.Length).ArrayOf() select (text, cuts)).ToArbitrary();
        Prop.ForAll(texts, sample => IsClean(sample.text) == (StuffedInParts(sample.text, sample.cuts) is not null)).QuickCheckThrowOnFailure();
    }

    private static bool IsClean(string text) => text.Replace("\r\n", "", StringComparison.Ordinal).IndexOfAny(['\r', '\n']) < 0;

    /// <summary>The reference: RFC 5321 section 4.5.2, on the whole text.</summary>
    private static string Stuffed(string text)
    {
        var ended = text.Length == 0 || text.EndsWith("\r\n", StringComparison.Ordinal) ? text : text + "\r\n";
        return ("\r\n" + ended).Replace("\r\n.", "\r\n..", StringComparison.Ordinal)[2..] + ".\r\n";
    }

    private static string? StuffedInParts(string text, int[] cuts)
    {
        var stuffer = new DotStuffer();
        var wire = new StringBuilder();
        var borders = cuts.Where(cut => cut < text.Length).Append(0).Append(text.Length).Order().ToArray();
        for (var i = 1; i < borders.Length; i++)
        {
            ReadOnlySpan<byte> rest = Encoding.Latin1.GetBytes(text[borders[i - 1]..borders[i]]);
            while (!rest.IsEmpty)
            {
                var asIs = stuffer.Take(rest);
                if (asIs < 0)
                {
                    return null;
                }

                wire.Append(Encoding.Latin1.GetString(rest[..asIs]));
                rest = rest[asIs..];
                wire.Append(rest.IsEmpty ? "" : ".");
            }
        }

        return stuffer.AfterCr ? null : wire.Append(stuffer.AtLineStart ? ".\r\n" : "\r\n.\r\n").ToString();
    }

    private static string RandomLines(Random random, int length)
    {
        var text = new StringBuilder();
        while (text.Length < length)
        {
            text.Append('.', random.Next(3) == 0 ? 1 : 0).Append('\u00e9', random.Next(80)).Append("\r\n");
        }

        return text.ToString(0, length - 1) is var cut && cut.EndsWith('\r') ? cut + "\n" : cut;
    }
}
