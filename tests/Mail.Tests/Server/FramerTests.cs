using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Smtpy.Mail.Server.Data;
using Smtpy.Mail.Server.Session;
using Xunit;

namespace Smtpy.Mail.Tests.Server;

public sealed class FramerTests
{
    private static readonly Gen<byte[]> AnyOctets = Gen.OneOf(Octets.Tricky, Octets.Lines);

    [Fact]
    public void Data_cut_anywhere_ends_where_the_plain_search_says_and_yields_the_unstuffed_octets() =>
        Prop.ForAll(AnyOctets.ToArbitrary(), Octets.Cuts.ToArbitrary(), (octets, cuts) =>
        {
            var (output, bad, consumed) = ReadData(octets, cuts);
            var text = "\r\n" + Encoding.Latin1.GetString(octets);
            var end = text.IndexOf("\r\n.\r\n", StringComparison.Ordinal);
            var message = end < 0 ? text : text[..(end + 2)];
            Assert.Equal(end < 0 ? null : end + 3, consumed);
            var pendingReturn = end < 0 && message.EndsWith('\r');
            Assert.Equal(HasBadOctet(pendingReturn ? message[..^1] : message), bad);
            if (!bad && end >= 0)
            {
                Assert.Equal(message.Replace("\r\n.", "\r\n", StringComparison.Ordinal)[2..], output);
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Stuffing_dots_and_reading_them_back_changes_nothing() =>
        Prop.ForAll(Octets.Lines.ToArbitrary(), Octets.Cuts.ToArbitrary(), (octets, cuts) =>
        {
            var message = octets.Length == 0 ? "" : Encoding.Latin1.GetString(octets) + "\r\n";
            var stuffed = ("\r\n" + message).Replace("\r\n.", "\r\n..", StringComparison.Ordinal)[2..] + ".\r\n";
            var (output, bad, consumed) = ReadData(Encoding.Latin1.GetBytes(stuffed), cuts);
            Assert.Equal((message, false, stuffed.Length), (output, bad, consumed));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Chunks_cut_anywhere_yield_their_octets_and_the_same_verdict() =>
        Prop.ForAll(AnyOctets.ToArbitrary(), Octets.Cuts.ToArbitrary(), Octets.Cuts.ToArbitrary(), (octets, chunks, cuts) =>
        {
            var framer = new ChunkFramer();
            var target = new Target();
            foreach (var chunk in Octets.Split(octets, chunks).Append([]))
            {
                framer.Begin(chunk.Length);
                var status = FramerStatus.Reading;
                foreach (var piece in Octets.Split(chunk, cuts).DefaultIfEmpty([]))
                {
                    Assert.NotEqual(FramerStatus.Complete, status);
                    status = framer.Read(piece, target, out var consumed);
                    Assert.Equal(piece.Length, consumed);
                }

                Assert.Equal(FramerStatus.Complete, status);
            }

            framer.End();
            Assert.Equal(HasBadOctet(Encoding.Latin1.GetString(octets)), framer.FoundBadOctet);
            Assert.Equal(Encoding.Latin1.GetString(octets), target.Text);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_chunk_takes_no_octet_of_what_follows_it()
    {
        var framer = new ChunkFramer();
        var target = new Target();
        framer.Begin(3);
        Assert.Equal(FramerStatus.Complete, framer.Read("abcQUIT\r\n"u8, target, out var consumed));
        Assert.Equal((3, "abc"), (consumed, target.Text));
    }

    [Fact]
    public void Lines_cut_anywhere_are_the_same_lines_and_no_more_than_the_limit_is_held() =>
        Prop.ForAll(AnyOctets.ToArbitrary(), Octets.Cuts.ToArbitrary(), (octets, cuts) =>
        {
            const int limit = 10;
            var framer = new LineFramer(limit);
            var held = new List<byte[]>();
            var lines = new List<string>();
            foreach (var piece in Octets.Split(octets, cuts))
            {
                held.Add(piece);
                var buffer = Octets.Sequence(held);
                while (framer.Read(ref buffer, out var line) is var status and not LineStatus.Incomplete)
                {
                    lines.Add(status == LineStatus.Line ? Encoding.Latin1.GetString(line) : status.ToString());
                }

                held = buffer.IsEmpty ? [] : [System.Buffers.BuffersExtensions.ToArray(buffer)];
                Assert.True(buffer.Length < limit);
            }

            Assert.Equal(ExpectedLines(octets, limit), lines);
        }).QuickCheckThrowOnFailure();

    private static List<string> ExpectedLines(byte[] octets, int limit) =>
        [.. Encoding.Latin1.GetString(octets).Split('\n')[..^1].Select(line =>
            line.Length + 1 > limit ? nameof(LineStatus.TooLong)
            : !line.EndsWith('\r') ? nameof(LineStatus.BareLineFeed)
            : line[..^1])];

    private static (string Output, bool Bad, int? Consumed) ReadData(byte[] octets, int[] cuts)
    {
        var framer = new DataFramer();
        var target = new Target();
        var total = 0;
        foreach (var piece in Octets.Split(octets, cuts))
        {
            var status = framer.Read(piece, target, out var consumed);
            total += consumed;
            if (status == FramerStatus.Complete)
            {
                return (target.Text, framer.FoundBadOctet, total);
            }

            Assert.Equal(framer.FoundBadOctet ? FramerStatus.BadOctet : FramerStatus.Reading, status);
        }

        return (target.Text, framer.FoundBadOctet, null);
    }

    private static bool HasBadOctet(string text) =>
        text.Replace("\r\n", "", StringComparison.Ordinal).AsSpan().ContainsAny('\r', '\n', '\0');

    private sealed class Target : IOctetTarget
    {
        private readonly MemoryStream _octets = new();

        public string Text => Encoding.Latin1.GetString(_octets.ToArray());

        public void Write(ReadOnlySpan<byte> octets) => _octets.Write(octets);
    }
}
