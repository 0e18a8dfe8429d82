using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Smtpy.Mail.Addresses;
using Smtpy.Mail.Headers;
using Smtpy.Mail.Rewriting;
using Xunit;
using static Smtpy.Mail.Tests.Rewriting.Texts;

namespace Smtpy.Mail.Tests.Rewriting;

public sealed class PrivateForwardTests
{
    private static readonly EmailAddress Alias = Address("shop@alias.example");
    private static readonly MessageIdSeal Seal = new("0123456789abcdef"u8.ToArray());

    private static readonly ForwardRequest Request = new()
    {
        Alias = Alias,
        ReverseAddress = address => Address($"r{Math.Abs(string.GetHashCode(address.Address, StringComparison.OrdinalIgnoreCase))}@alias.example"),
    };

    private static readonly ForwardRequest Named = Request with { ReverseAddress = address => Address($"r-{address.LocalPart}@alias.example") };

    [Theory]
    [InlineData(DisplayNameFormat.NameAndDomain, "Jane", "Jane at shop.example")]
    [InlineData(DisplayNameFormat.NameAndDomain, "", "jane at shop.example")]
    [InlineData(DisplayNameFormat.NameAndDomain, "jane@shop.example", "jane at shop.example")]
    [InlineData(DisplayNameFormat.NameAndAddress, "Jane", "Jane - jane at shop.example")]
    [InlineData(DisplayNameFormat.NameOnly, "Jane", "Jane")]
    [InlineData(DisplayNameFormat.NameOnly, "", "jane at shop.example")]
    [InlineData(DisplayNameFormat.AddressOnly, "Jane", "jane at shop.example")]
    [InlineData(DisplayNameFormat.NameViaDomain, "Jane", "Jane via shop.example")]
    [InlineData(DisplayNameFormat.DomainOnly, "Jane", "shop.example")]
    [InlineData(DisplayNameFormat.None, "Jane", "")]
    [InlineData(DisplayNameFormat.NameOnly, "support@bank.example", "support at bank.example")]
    [InlineData(DisplayNameFormat.NameOnly, "a\uff20bank.example <x>\u202e\r\n\"y\"", "a at bank.example x y")]
    public void Display_names_follow_the_format_and_hold_no_address(DisplayNameFormat format, string name, string expected) =>
        Assert.Equal(expected, ContactName.Format(format, new Mailbox(name, Address("jane@shop.example"))));

    [Fact]
    public void The_owner_sees_reverse_addresses_only()
    {
        var header = Octets(
            """
            Received: from outside
            DKIM-Signature: v=1
            From: Jane <jane@shop.example>
            Sender: bounce@shop.example
            Reply-To: Sales <sales@shop.example>
            To: "My shop" <Shop@Alias.example>, Bob <bob@other.example>
            Cc: carol@third.example
            Subject: =?utf-8?q?H=C3=A9?=
            Date: Mon, 1 Jan 2024 10:00:00 +0200
            Message-ID: <m1@shop.example>
            Disposition-Notification-To: jane@shop.example
            X-Mailer: secret
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8
            List-Post: <mailto:list@shop.example>

            body
            """);
        Assert.Equal(Ascii(Octets(
            """
            From: "Jane at shop.example" <r-jane@alias.example>
            Reply-To: "Sales at shop.example" <r-sales@alias.example>
            To: My shop <shop@alias.example>, "Bob at other.example" <r-bob@alias.example>
            Cc: "carol at third.example" <r-carol@alias.example>
            Subject: =?utf-8?q?H=C3=A9?=
            Date: Mon, 1 Jan 2024 10:00:00 +0200
            Message-ID: <m1@shop.example>
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8

            """)), Ascii(PrivateForward.Rewrite(header, Named)));
        Assert.Equal(["jane@shop.example", "sales@shop.example", "bob@other.example", "carol@third.example"],
            PrivateForward.Addresses(header, Alias, static _ => false).Select(m => m.Address.Address));
    }

    [Theory]
    [InlineData("Subject: x\r\n", "Unknown sender <shop@alias.example>", null)]
    [InlineData("From: nobody\r\n", "\"e at env.example\" <r-e@alias.example>", "e@env.example")]
    [InlineData("From: a@x.example\r\nFrom: b@y.example\r\n", "\"a at x.example\" <r-a@alias.example>", null)]
    public void There_is_always_one_From_with_one_address(string header, string expected, string? envelopeSender)
    {
        var rewritten = PrivateForward.Rewrite(Octets(header), Named with { EnvelopeSender = envelopeSender is null ? null : Address(envelopeSender) });
        Assert.Equal(1, new HeaderBlock(rewritten.Span).Count("From"u8));
        Assert.Contains($"From: {expected}\r\n", Ascii(rewritten), StringComparison.Ordinal);
    }

    [Fact]
    public void Recipients_beyond_the_limit_are_counted_not_named()
    {
        var to = string.Join(", ", Enumerable.Range(0, 35).Select(i => $"a{i}@x.example").Append("shop@alias.example"));
        var rewritten = Ascii(PrivateForward.Rewrite(Octets($"From: j@x.example\r\nTo: {to}\r\nCc: late@x.example\r\n"), Named));
        Assert.Contains("<r-a29@alias.example>", rewritten, StringComparison.Ordinal);
        Assert.DoesNotContain("<r-a30@alias.example>", rewritten, StringComparison.Ordinal);
        Assert.Contains("<shop@alias.example>,", rewritten, StringComparison.Ordinal);
        Assert.Contains("5-more-recipients:;", rewritten, StringComparison.Ordinal);
        Assert.Contains("Cc: 1-more-recipients:;\r\n", rewritten, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<https://x.example/u>, <mailto:u@x.example>", "List-Unsubscribe: <https://x.example/u>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n")]
    [InlineData("<mailto:u@x.example>", "")]
    [InlineData("garbage <", "")]
    public void Unsubscribe_links_of_the_sender_are_kept_as_far_as_they_are_web_links(string value, string expected)
    {
        var header = Octets($"From: j@x.example\r\nList-Unsubscribe: {value}\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
        Assert.EndsWith("<r-j@alias.example>\r\n" + expected, Ascii(PrivateForward.Rewrite(header, Named)), StringComparison.Ordinal);
    }

    [Fact]
    public void The_unsubscribe_button_can_be_ours()
    {
        var rewritten = Ascii(PrivateForward.Rewrite(Octets("List-Unsubscribe: <https://x.example/u>\r\nFrom: j@x.example\r\n"),
            Named with { Unsubscribe = UnsubscribeChoice.BlockSender, UnsubscribeLink = new Uri("https://smtpy.example/u/T") }));
        Assert.EndsWith("<r-j@alias.example>\r\nList-Unsubscribe: <https://smtpy.example/u/T>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", rewritten, StringComparison.Ordinal);
    }

    [Fact]
    public void The_subject_template_is_applied_on_request()
    {
        var header = Octets("From: Jane <j@x.example>\r\nSubject: =?utf-8?q?H=C3=A9?=\r\n");
        Assert.Contains("Subject: =?utf-8?b?W3Nob3BdIEjDqSB7eH0gSmFuZQ==?=", Ascii(PrivateForward.Rewrite(header, Named with { SubjectTemplate = "[{alias.local}] {subject} {x} {name}" })), StringComparison.Ordinal);
        Assert.Contains("Subject: [shop@alias.example]\r\n", Ascii(PrivateForward.Rewrite(Octets("From: j@x.example\r\n"), Named with { SubjectTemplate = "[{alias}] {subject}" })), StringComparison.Ordinal);
    }

    [Fact]
    public void Extra_fields_are_kept() =>
        Assert.Contains("X-Ticket: 7\r\n", Ascii(PrivateForward.Rewrite(Octets("x-ticket: 1\r\nX-Ticket: 7\r\nX-Other: 1\r\n"),
            Named with { ExtraFields = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "X-Ticket" } })), StringComparison.Ordinal);

    [Fact]
    public void Transparent_mode_touches_nothing_but_the_trace()
    {
        var header = Octets("X-Odd:  spelling\r\n\there\r\nFrom: J <j@x.example>\r\nno field\r\n\r\n");
        Assert.Equal("Delivered-To: a\r\n" + Encoding.ASCII.GetString(header[..^2]), Ascii(TransparentForward.Rewrite(header, "Delivered-To: a\r\n"u8)));
        Assert.Equal("X-Odd:  spelling\r\n\there\r\nFrom: \"J via x.example\" <shop@alias.example>\r\nno field\r\nReply-To: J <j@x.example>\r\n",
            Ascii(TransparentForward.Rewrite(header, [], new Mailbox("J via x.example", Alias))));
        Assert.DoesNotContain("j@x.example", Ascii(TransparentForward.Rewrite(Octets("From: j@x.example\r\nReply-To: k@x.example\r\n"), [], new Mailbox("", Alias))), StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_comes_in_what_goes_out_is_sound_and_names_no_address_of_others() =>
        Prop.ForAll(Headers.ToArbitrary(), header =>
        {
            var rewritten = PrivateForward.Rewrite(header, Request with { MessageIds = Seal, SubjectTemplate = null });
            AssertSound(rewritten.Span);
            Assert.Equal(1, new HeaderBlock(rewritten.Span).Count("From"u8));
            foreach (var field in new HeaderBlock(rewritten.Span))
            {
                if (field.Is("From"u8) || field.Is("To"u8) || field.Is("Cc"u8) || field.Is("Reply-To"u8))
                {
                    Assert.DoesNotContain("@secret", field.Value(), StringComparison.OrdinalIgnoreCase);
                    Assert.DoesNotContain("@secret", EncodedWords.Decode(field.RawValue), StringComparison.OrdinalIgnoreCase);
                }
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    internal static readonly Gen<byte[]> Headers = Gen.Elements(
        "From: ", "To: ", "Cc: ", "Reply-To: ", "\r\nTo: ", "\r\nFrom: ", "\r\nSubject: ", "\r\nMessage-ID: <m@x.example>", "\r\nReferences: ", "\r\nIn-Reply-To: ",
        "jane@secret.example", "<bob@secret2.example>", "\"a@secret.example\" ", "=?utf-8?q?x=40secret.example?=", "=?utf-8?b?YUBzZWNyZXQuZXhhbXBsZQ==?=", " ", ", ", ";", ":", "<", ">",
        "(", ")", "\"", "\\", "\r\n ", "\r", "\n", "\0", "\u00fc", "shop@alias.example", "\r\nX: y\r\n", "\r\nDate: ", "\r\nContent-Type: text/plain\r\n")
        .ListOf().Select(words => Encoding.UTF8.GetBytes(string.Concat(words)));
}
