using FsCheck;
using FsCheck.Fluent;
using Smtpy.Mail.Addresses;
using Smtpy.Mail.Headers;
using Smtpy.Mail.Rewriting;
using Xunit;
using static Smtpy.Mail.Tests.Rewriting.Texts;

namespace Smtpy.Mail.Tests.Rewriting;

public sealed class ReplyRewriterTests
{
    private static readonly ReplyRequest Request = new()
    {
        Alias = Address("shop@alias.example"),
        FromName = "J. Doe",
        Hidden = [Address("jane@secret.example")],
        Contact = address => address.Domain == "alias.example" && address.LocalPart.StartsWith('r') ? new Mailbox("", Address($"{address.LocalPart[1..]}@real.example")) : null,
        MessageIds = new MessageIdSeal("0123456789abcdef"u8.ToArray()),
    };

    [Theory]
    [InlineData("From: jane@secret.example\r\nSubject: s\r\n\r\n", true)]
    [InlineData("Date: Mon, 1 Jan 2024 01:30:00 +0200\r\nSubject: s\r\n\r\n", false)]
    public void A_message_without_a_date_gets_that_of_its_coming(string header, bool isAdded)
    {
        // RFC 6409 section 8.2.
        var request = Request with { ReceivedAt = new DateTimeOffset(2026, 1, 5, 9, 0, 0, TimeSpan.FromHours(1)) };
        var rewritten = System.Text.Encoding.ASCII.GetString(ReplyRewriter.Rewrite(Octets(header), request).Header.Span);
        Assert.Contains(isAdded ? "Date: Mon, 05 Jan 2026 08:00:00 +0000\r\n" : "Date: Sun, 31 Dec 2023 23:30:00 +0000\r\n", rewritten, StringComparison.Ordinal);
        Assert.Equal(2, rewritten.Split("Date:").Length);
    }

    [Fact]
    public void Nothing_but_the_alias_is_seen_of_the_owner()
    {
        var sent = ReplyRewriter.Rewrite(Octets(
            """
            Received: from laptop (jane-pc.secret.example) by mx.secret.example
            DKIM-Signature: v=1; d=secret.example
            From: Jane Doe <Jane@Secret.example>
            Sender: jane@secret.example
            Reply-To: jane@secret.example
            To: "Bob at real.example" <rbob@alias.example>, jane@secret.example
            Cc: rcarol@alias.example, Stranger <dave@else.example>, shop@alias.example
            Bcc: x@secret.example
            Subject: Re: order
            Date: Mon, 1 Jan 2024 01:30:00 +0200
            Message-ID: <m1@secret.example>
            In-Reply-To: <bob1@real.example>
            References: <bob0@real.example> <m0@secret.example> <bob1@real.example>
            User-Agent: Mail/1
            X-Originating-IP: 192.0.2.1
            Thread-Index: abc
            MIME-Version: 1.0
            Content-Type: text/plain

            body
            """), Request);
        var seal = Request.MessageIds;
        Assert.Equal(Ascii(Octets(
            $"""
            From: "J. Doe" <shop@alias.example>
            To: <bob@real.example>
            Cc: <carol@real.example>, <shop@alias.example>
            Subject: Re: order
            Date: Sun, 31 Dec 2023 23:30:00 +0000
            Message-ID: {sent.MessageId}
            In-Reply-To: <bob1@real.example>
            References: <bob0@real.example>
             {seal.Seal("<m0@secret.example>", Request.Alias)}
             <bob1@real.example>
            MIME-Version: 1.0
            Content-Type: text/plain

            """)), Ascii(sent.Header));
        Assert.Equal(["dave@else.example"], sent.LeftOut.Select(mailbox => mailbox.Address.Address));
    }

    [Fact]
    public void The_time_zone_stays_on_request_and_so_does_a_date_that_cannot_be_read()
    {
        Assert.Contains("Date: Mon, 1 Jan 2024 01:30:00 +0200\r\n", Ascii(ReplyRewriter.Rewrite(Octets("Date: Mon, 1 Jan 2024 01:30:00 +0200\r\n"), Request with { HideTimeZone = false }).Header), StringComparison.Ordinal);
        Assert.DoesNotContain("whenever", Ascii(ReplyRewriter.Rewrite(Octets("Date: whenever\r\n"), Request).Header), StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_the_owner_sends_the_header_is_sound_and_has_one_From() =>
        Prop.ForAll(PrivateForwardTests.Headers.ToArbitrary(), header =>
        {
            var sent = ReplyRewriter.Rewrite(header, Request with { Hidden = [Address("jane@secret.example"), Address("bob@secret2.example")] });
            AssertSound(sent.Header.Span);
            Assert.Equal(1, new HeaderBlock(sent.Header.Span).Count("From"u8));
            Assert.Equal(1, new HeaderBlock(sent.Header.Span).Count("Message-ID"u8));
            foreach (var field in new HeaderBlock(sent.Header.Span))
            {
                if (field.Is("From"u8) || field.Is("To"u8) || field.Is("Cc"u8) || field.Is("References"u8))
                {
                    Assert.DoesNotContain("@secret", EncodedWords.Decode(field.RawValue), StringComparison.OrdinalIgnoreCase);
                }
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
}
