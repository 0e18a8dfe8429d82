using FsCheck;
using FsCheck.Fluent;
using Smtpy.Mail.Headers;
using Smtpy.Mail.Rewriting;
using Xunit;
using static Smtpy.Mail.Tests.Rewriting.Texts;

namespace Smtpy.Mail.Tests.Rewriting;

public sealed class TokenTests
{
    private static readonly MessageIdSeal Seal = new("0123456789abcdef"u8.ToArray());

    [Fact]
    public void A_token_hides_an_identifier_and_gives_it_back_to_its_alias_only()
    {
        const string Id = "<1.jane@mail.home.example>";
        var token = Seal.Seal(Id, Address("shop@alias.example"));
        Assert.EndsWith("@alias.example>", token, StringComparison.Ordinal);
        Assert.Equal(token, Seal.Seal(Id, Address("Shop@alias.example")));
        Assert.Equal(Id, Seal.Open(token, Address("shop@alias.example")));
        Assert.NotEqual(token, Seal.Seal(Id, Address("other@alias.example")));
        Assert.Null(Seal.Open(token, Address("other@alias.example")));
        Assert.Null(new MessageIdSeal("another secret!!"u8.ToArray()).Open(token, Address("shop@alias.example")));
        Assert.Null(Seal.Open(token.Replace("<t.", "<t.A", StringComparison.Ordinal), Address("shop@alias.example")));
    }

    [Fact]
    public void Every_identifier_that_fits_comes_back_and_longer_ones_do_not() =>
        Prop.ForAll(Gen.Choose(1, 300).ToArbitrary(), length =>
        {
            var id = $"<{new string('x', length)}>";
            var token = Seal.Seal(id, Address("a@b.example"));
            Assert.InRange(token.Length, 1, 220);
            Assert.Equal(length <= MessageIdSeal.LongestSealed ? id : null, Seal.Open(token, Address("a@b.example")));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void No_text_breaks_opening() =>
        Prop.ForAll<string>(text =>
        {
            foreach (var id in new[] { text ?? "", $"<t.{text}@b.example>", $"t.{text}@b.example" })
            {
                Assert.Null(Seal.Open(id, Address("a@b.example")));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void A_thread_holds_in_both_directions()
    {
        var alias = Address("shop@alias.example");
        var forward = new ForwardRequest { Alias = alias, ReverseAddress = _ => Address("r1@alias.example"), MessageIds = Seal };
        var reply = new ReplyRequest
        {
            Alias = alias,
            Hidden = [Address("jane@mail.example")],
            Contact = address => address.LocalPart == "r1" ? new("", Address("bob@mail.example")) : null,
            MessageIds = Seal,
        };

        // Both use the same provider, so that the domain of an identifier tells nothing.
        var received = PrivateForward.Rewrite(Octets("From: bob@mail.example\r\nMessage-ID: <bob1@mail.example>\r\n"), forward);
        var marks = Field(received.Span, "References");
        var sent = ReplyRewriter.Rewrite(Octets(
            $"From: jane@mail.example\r\nTo: r1@alias.example\r\nMessage-ID: <jane1@mail.example>\r\nIn-Reply-To: <bob1@mail.example>\r\nReferences: {marks} <bob1@mail.example>\r\n"), reply);
        Assert.Equal("<bob1@mail.example>", Field(sent.Header.Span, "In-Reply-To"));
        Assert.Equal("<bob1@mail.example>", Field(sent.Header.Span, "References"));
        Assert.Equal(sent.MessageId, Field(sent.Header.Span, "Message-ID"));
        Assert.DoesNotContain("mail.example", sent.MessageId, StringComparison.Ordinal);

        var again = PrivateForward.Rewrite(Octets(
            $"From: bob@mail.example\r\nMessage-ID: <bob2@mail.example>\r\nIn-Reply-To: {sent.MessageId}\r\nReferences: <bob1@mail.example>\r\n {sent.MessageId}\r\n"), forward);
        Assert.Equal("<jane1@mail.example>", Field(again.Span, "In-Reply-To"));
        Assert.EndsWith(" <bob1@mail.example> <jane1@mail.example>", Field(again.Span, "References"), StringComparison.Ordinal);

        var second = ReplyRewriter.Rewrite(Octets(
            $"From: jane@mail.example\r\nTo: r1@alias.example\r\nMessage-ID: <jane2@mail.example>\r\nIn-Reply-To: <bob2@mail.example>\r\nReferences: {Field(again.Span, "References")} <bob2@mail.example>\r\n"), reply);
        Assert.Equal("<bob2@mail.example>", Field(second.Header.Span, "In-Reply-To"));
        Assert.Contains(sent.MessageId, Field(second.Header.Span, "References"), StringComparison.Ordinal);
        Assert.DoesNotContain("jane", Ascii(second.Header), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unsubscribe_token_is_valid_until_it_expires_and_cannot_be_made_by_others()
    {
        var time = new SettableTime();
        var tokens = new UnsubscribeToken("0123456789abcdef"u8.ToArray(), time);
        var order = new UnsubscribeOrder(UnsubscribeChoice.BlockSender, Guid.NewGuid(), Guid.NewGuid());
        var token = tokens.Create(order);
        Assert.Equal((TokenState.Valid, order), (tokens.TryRead(token, out var read), read));
        Assert.Equal(TokenState.Forged, new UnsubscribeToken("another secret!!"u8.ToArray(), time).TryRead(token, out var none));
        Assert.Null(none);
        for (var i = 0; i < token.Length; i++)
        {
            Assert.Equal(TokenState.Forged, tokens.TryRead(token[..i] + (token[i] == 'A' ? 'B' : 'A') + token[(i + 1)..], out _));
        }

        time.Now += UnsubscribeToken.DefaultLifetime;
        Assert.Equal((TokenState.Expired, order), (tokens.TryRead(token, out read), read));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("\u00fc")]
    [InlineData("AAAA")]
    public void Garbage_is_a_forged_token(string? token) =>
        Assert.Equal(TokenState.Forged, new UnsubscribeToken("0123456789abcdef"u8.ToArray(), TimeProvider.System).TryRead(token, out _));

    private static string Field(ReadOnlySpan<byte> header, string name) =>
        new HeaderBlock(header).TryFind(System.Text.Encoding.ASCII.GetBytes(name), out var field) ? field.Value() : "";

    private sealed class SettableTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
