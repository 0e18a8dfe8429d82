using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Smtpy.Mail.Dkim;
using Smtpy.Mail.Tests.Server;
using Xunit;

namespace Smtpy.Mail.Tests.Dkim;

public sealed partial class BodyHasherTests
{
    private static readonly Gen<byte[]> Bodies = Gen.Elements("\r\n", "\r\n", " ", "\t", "  ", "a", "text", "\r", "\n", "\u00fc").ListOf()
        .Select(pieces => Encoding.UTF8.GetBytes(string.Concat(pieces)));

    [Theory]
    [InlineData(Canonicalization.Simple, "", "\r\n")]
    [InlineData(Canonicalization.Relaxed, "", "")]
    [InlineData(Canonicalization.Simple, "\r\n\r\n", "\r\n")]
    [InlineData(Canonicalization.Relaxed, "\r\n \t\r\n", "")]
    [InlineData(Canonicalization.Simple, " C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n")]
    [InlineData(Canonicalization.Relaxed, " C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n")]
    [InlineData(Canonicalization.Simple, "no end", "no end\r\n")]
    [InlineData(Canonicalization.Relaxed, "no end \t", "no end\r\n")]
    [InlineData(Canonicalization.Relaxed, "a\r\n\r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n")]
    [InlineData(Canonicalization.Simple, "a\r\r\n", "a\r\r\n")]
    [InlineData(Canonicalization.Relaxed, "a \rb\n\r\n", "a \rb\n\r\n")]
    public void The_body_is_made_canonical_as_sections_3_4_3_and_3_4_4_say(Canonicalization kind, string body, string canonical)
    {
        using var hasher = Hash([Encoding.UTF8.GetBytes(body)], new BodyHashKind(kind));
        Assert.True(hasher.TryGetHash(new BodyHashKind(kind), out var hash, out var length));
        Assert.Equal(canonical.Length, length);
        Assert.Equal(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)), hash);
    }

    [Fact]
    public void Cut_anywhere_the_hashes_are_those_of_the_plain_definition() =>
        Prop.ForAll(Bodies.ToArbitrary(), Octets.Cuts.ToArbitrary(), Gen.Choose(0, 20).ToArbitrary(), (body, cuts, limit) =>
        {
            BodyHashKind[] kinds =
            [
                new(Canonicalization.Simple), new(Canonicalization.Simple, limit), new(Canonicalization.Relaxed), new(Canonicalization.Relaxed, limit),
            ];
            using var hasher = Hash(Octets.Split(body, cuts), kinds);
            foreach (var kind in kinds)
            {
                var canonical = Canonical(body, kind.Canonicalization);
                Assert.True(hasher.TryGetHash(kind, out var hash, out var length));
                Assert.Equal(canonical.Length, length);
                Assert.Equal(SHA256.HashData(canonical.AsSpan(0, (int)Math.Min(canonical.Length, kind.Limit ?? long.MaxValue))), hash);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void A_body_larger_than_the_buffer_is_hashed_whole()
    {
        var body = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 5000).Select(line => $"line  {line} \r\n")) + new string('x', 30_000));
        foreach (var kind in new[] { Canonicalization.Simple, Canonicalization.Relaxed })
        {
            using var hasher = Hash([body], new BodyHashKind(kind));
            Assert.True(hasher.TryGetHash(new BodyHashKind(kind), out var hash, out _));
            Assert.Equal(SHA256.HashData(Canonical(body, kind)), hash);
        }
    }

    [Fact]
    public void Only_what_was_asked_for_is_there_and_only_at_the_end()
    {
        using var hasher = new BodyHasher(new BodyHashKind(Canonicalization.Simple));
        Assert.False(hasher.TryGetHash(new BodyHashKind(Canonicalization.Simple), out _, out _));
        hasher.Finish();
        Assert.True(hasher.TryGetHash(new BodyHashKind(Canonicalization.Simple), out _, out _));
        Assert.False(hasher.TryGetHash(new BodyHashKind(Canonicalization.Simple, 5), out _, out _));
        Assert.False(hasher.TryGetHash(new BodyHashKind(Canonicalization.Relaxed), out _, out _));
        Assert.Throws<InvalidOperationException>(() => hasher.Append("x"u8));
    }

    /// <summary>The definition in the words of the RFC, on the whole body at once.</summary>
    private static byte[] Canonical(byte[] body, Canonicalization kind)
    {
        var text = Encoding.Latin1.GetString(body);
        if (kind == Canonicalization.Relaxed)
        {
            text = WhiteSpaceAtEnd().Replace(text, "");
            text = WhiteSpace().Replace(text, " ");
        }

        while (text.EndsWith("\r\n", StringComparison.Ordinal))
        {
            text = text[..^2];
        }

        return Encoding.Latin1.GetBytes(text.Length == 0 && kind == Canonicalization.Relaxed ? "" : text + "\r\n");
    }

    private static BodyHasher Hash(IEnumerable<byte[]> pieces, params BodyHashKind[] kinds)
    {
        var hasher = new BodyHasher(kinds);
        foreach (var piece in pieces)
        {
            hasher.Append(piece);
        }

        hasher.Finish();
        return hasher;
    }

    [GeneratedRegex("[ \t]+(?=\r\n|\\z)", RegexOptions.ExplicitCapture)]
    private static partial Regex WhiteSpaceAtEnd();

    [GeneratedRegex("[ \t]+", RegexOptions.ExplicitCapture)]
    private static partial Regex WhiteSpace();
}
