using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MimeKit;
using Smtpy.Mail.Rewriting;
using Xunit;
using static Smtpy.Mail.Tests.Rewriting.Texts;

namespace Smtpy.Mail.Tests.Rewriting;

public sealed class TraceTests
{
    private static readonly TraceSet Traces = new(
    [
        new TraceReplacement(Address("jane@home.example"), Address("shop@alias.example")),
        new TraceReplacement(Address("r1@alias.example"), Address("bob@real.example"), IsPrivate: false),
    ]);

    [Theory]
    [InlineData("write to jane@home.example.", "write to shop@alias.example.")]
    [InlineData("JANE@Home.Example", "shop@alias.example")]
    [InlineData("<a href=\"mailto:jane%40home.example\">", "<a href=\"mailto:shop%40alias.example\">")]
    [InlineData("jane&#64;home.example jane&#x40;home.example", "shop&#64;alias.example shop&#x40;alias.example")]
    [InlineData("%3Ajane%40home.example", "%3Ashop%40alias.example")]
    [InlineData("jane+news@home.example", "shop@alias.example")]
    [InlineData("SRS0=x=jane=home.example@y", "SRS0=x=shop=alias.example@y")]
    [InlineData("On Monday <r1@alias.example> wrote", "On Monday <bob@real.example> wrote")]
    [InlineData("maryjane@home.example mary.jane@home.example", "maryjane@home.example mary.jane@home.example")]
    [InlineData("jane@home.examples jane@home.example-x", "jane@home.examples jane@home.example-x")]
    [InlineData("jane@home.example.pdf", "shop@alias.example.pdf")]
    [InlineData("jane@home.example r1@alias.example jane@home.example", "shop@alias.example bob@real.example shop@alias.example")]
    [InlineData("jane@home.example,jane@home.example", "shop@alias.example,shop@alias.example")]
    public void Whole_addresses_are_replaced_in_plain_text(string text, string expected) =>
        Assert.Equal($"Subject: x\r\n\r\n{expected}\r\n", Ascii(TraceRemover.Remove(Octets($"Subject: x\r\n\r\n{text}\r\n"), Traces).Message));

    [Theory]
    [InlineData("text/calendar")]
    [InlineData("text/vcard")]
    public void An_address_that_a_fold_cuts_in_two_is_found(string type)
    {
        var removal = TraceRemover.Remove(Octets($"Content-Type: {type}\r\n\r\nATTENDEE:MAILTO:jane@home.exam\r\n ple\r\nEND:X\r\n"), Traces);
        Assert.Empty(removal.Remaining);
        Assert.Equal($"Content-Type: {type}\r\n\r\nATTENDEE:MAILTO:shop@alias.example\r\nEND:X\r\n", Ascii(removal.Message));
    }

    [Theory]
    [InlineData("PGP PUBLIC KEY BLOCK", "Comment: mine\r\n\r\n", "=Ab3+\r\n", "jane@home.example", 1)]
    [InlineData("CERTIFICATE", "", "", "jane@home.example", 1)]
    [InlineData("PGP PUBLIC KEY BLOCK", "\r\n", "=Ab3+\r\n", "bob@home.example", 0)]
    public void A_key_that_names_the_mailbox_is_not_called_clean(string label, string headers, string checksum, string user, int found)
    {
        var lines = Convert.ToBase64String(Octets(new string('\x01', 50) + $"Jane <{user}>" + new string('\x02', 50)))
            .Chunk(64).Select(static line => new string(line) + "\r\n");
        var armored = $"-----BEGIN {label}-----\r\n{headers}{string.Concat(lines)}{checksum}-----END {label}-----\r\n";
        foreach (var head in new[] { "Content-Type: text/plain\r\n", "Content-Type: application/octet-stream; name=key.asc\r\n" })
        {
            Assert.Equal(found, TraceRemover.Remove(Octets($"{head}\r\nmy key:\r\n{armored}"), Traces).Remaining.Count);
        }
    }

    [Theory]
    [InlineData("", "\r\n", 64)]
    [InlineData("> ", "\r\n", 64)]
    [InlineData("", "\r\n", 75)]
    [InlineData("", "<br>\r\n", 61)]
    [InlineData("<div class=\"x\">", "</div>", 60)]
    public void A_key_is_read_whatever_became_of_its_lines(string before, string behind, int width)
    {
        var lines = Convert.ToBase64String(Octets(new string('\x01', 49) + "Jane <jane@home.example>" + new string('\x02', 49)))
            .Chunk(width).Select(line => before + new string(line) + behind);
        var armored = $"{before}-----BEGIN PGP PUBLIC KEY BLOCK-----{behind}{before}Version: 1{behind}{before}{behind}{string.Concat(lines)}{before}=Ab3+{behind}{before}-----END PGP PUBLIC KEY BLOCK-----{behind}";
        Assert.NotEmpty(TraceRemover.Remove(Octets($"Content-Type: text/html\r\n\r\n{armored}\r\n"), Traces).Remaining);
    }

    [Theory]
    [InlineData("jane&#064;home.example")]
    [InlineData("jane&#x0040;home.example")]
    [InlineData("j&#97;ne@home&#46;example")]
    [InlineData("jane@<wbr>home.example")]
    [InlineData("jane<b>@</b>home.example")]
    [InlineData("jane@\u00ADhome.example")]
    [InlineData("https://x.test/?u=j%61ne%40home%2Eexample")]
    [InlineData("https://x.test/?u=jane%2540home.example")]
    public void What_a_reader_sees_counts_however_it_is_spelt(string text)
    {
        var message = Encoding.UTF8.GetBytes($"Content-Type: text/html; charset=utf-8\r\n\r\n<p>{text}</p>\r\n");
        Assert.NotEmpty(TraceRemover.Remove(message, Traces).Remaining);
        var other = Encoding.UTF8.GetBytes($"Content-Type: text/html; charset=utf-8\r\n\r\n<p>{text.Replace("home", "house", StringComparison.Ordinal)} 100% &amp; more</p>\r\n");
        Assert.Empty(TraceRemover.Remove(other, Traces).Remaining);
    }

    [Theory]
    [InlineData("application/ics; name=invite.ics")]
    [InlineData("application/octet-stream; name=me.vcf")]
    [InlineData("text/plain; name=invite.ics")]
    public void A_calendar_is_one_whatever_it_is_called(string type) => Assert.NotEmpty(TraceRemover.Remove(
        Octets($"Content-Type: {type}\r\n\r\nBEGIN:VCALENDAR\r\nATTENDEE:mailto:jane@home.exam\r\n ple\r\nEND:VCALENDAR\r\n"), Traces).Remaining);

    [Fact]
    public void What_is_signed_and_cannot_be_searched_is_not_called_clean()
    {
        var hidden = "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + Convert.ToBase64String("jane@home.example"u8) + "\r\n";
        var deep = string.Concat(Enumerable.Range(0, 60).Select(static i => $"Content-Type: multipart/mixed; boundary=d{i}\r\n\r\n--d{i}\r\n")) + hidden;
        var encoded = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + Convert.ToBase64String(Octets(hidden)) + "\r\n";
        foreach (var inside in new[] { deep, encoded, "Content-Type: text/html\r\n" + hidden })
        {
            var message = $"Content-Type: multipart/signed; boundary=s\r\n\r\n--s\r\n{inside}\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--s--\r\n";
            Assert.NotEmpty(TraceRemover.Remove(Octets(message), Traces).Remaining);
        }
    }

    [Theory]
    [InlineData("jane@xn--bcher-kva.example", "shop@alias.example")]
    [InlineData("jane@b\u00FCcher.example", "shop@alias.example")]
    [InlineData("jane%40b\u00FCcher.example", "shop%40alias.example")]
    public void An_internationalised_domain_is_found_in_both_its_forms(string text, string expected)
    {
        var traces = new TraceSet([new TraceReplacement(Address("jane@xn--bcher-kva.example"), Address("shop@alias.example"))]);
        var removal = TraceRemover.Remove(Encoding.UTF8.GetBytes($"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"), traces);
        Assert.Empty(removal.Remaining);
        Assert.EndsWith($"\r\n\r\n{expected}\r\n", Encoding.UTF8.GetString(removal.Message.Span), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nRnJvbTogeA0K\r\n", "encoding")]
    [InlineData("Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n\r\nRnJvbTogeA0K\r\n", "encoding")]
    [InlineData("Content-Type: text/plain\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nx\r\n", "encoding")]
    [InlineData("Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\nx\r\n", "twice")]
    [InlineData("Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n", "twice")]
    public void What_readers_may_take_for_something_else_is_not_called_clean(string message, string reason) =>
        Assert.Contains(reason, Assert.Single(TraceRemover.Remove(Octets(message), Traces).Remaining).Where, StringComparison.Ordinal);

    [Fact]
    public void What_is_nested_too_deep_to_be_searched_is_not_called_clean()
    {
        var message = string.Concat(Enumerable.Repeat("Content-Type: message/rfc822\r\n\r\n", 60)) + "Subject: x\r\n\r\nx\r\n";
        Assert.Contains("nested", Assert.Single(TraceRemover.Remove(Octets(message), Traces).Remaining).Where, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("base64")]
    [InlineData("quoted-printable")]
    [InlineData("8bit")]
    public void Text_in_any_transfer_encoding_is_cleaned(string encoding)
    {
        var text = string.Concat(Enumerable.Repeat("J\u00fcrgen wrote to jane@home.example, long ago and far away; ", 8)) + "\r\nend\r\n";
        var body = encoding switch
        {
            "base64" => Convert.ToBase64String(Encoding.UTF8.GetBytes(text), Base64FormattingOptions.InsertLineBreaks) + "\r\n",
            "8bit" => text,
            _ => Quoted(text),
        };
        var message = Encoding.UTF8.GetBytes($"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}");
        var removal = TraceRemover.Remove(message, Traces);
        Assert.Empty(removal.Remaining);
        Assert.NotEmpty(TraceFinder.Find(message, Traces));
        using var read = new MemoryStream(removal.Message.ToArray());
        var parsed = MimeMessage.Load(read, TestContext.Current.CancellationToken);
        Assert.Equal(text.Replace("jane@home.example", "shop@alias.example", StringComparison.Ordinal).ReplaceLineEndings("\n"), parsed.TextBody!.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Wide_text_is_cleaned()
    {
        var body = Convert.ToBase64String(Encoding.Unicode.GetBytes("from jane@home.example"));
        var removal = TraceRemover.Remove(Octets($"Content-Type: text/plain; charset=utf-16le\r\nContent-Transfer-Encoding: base64\r\n\r\n{body}\r\n"), Traces);
        Assert.Empty(removal.Remaining);
        Assert.Contains(Convert.ToBase64String(Encoding.Unicode.GetBytes("from shop@alias.example")), Ascii(removal.Message), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Subject: =?utf-8?q?ask_jane=40home=2Eexample_J=C3=BC?=\r\n", "Subject: =?utf-8?q?ask_shop=40alias=2Eexample_J=C3=BC?=\r\n")]
    [InlineData("Subject: =?utf-8?q?jane=40?= =?utf-8?q?home.example?=\r\n", "")]
    [InlineData("Subject: jane@home.example\r\n", "Subject: shop@alias.example\r\n")]
    [InlineData("Content-Type: text/plain; name*0=\"jane@\";\r\n name*1=\"home.example.txt\"; charset=utf-8\r\n", "Content-Type: text/plain; charset=\"utf-8\"\r\n")]
    [InlineData("Content-Disposition: attachment; filename*=utf-8''jane%40home.example.pdf\r\n", "Content-Disposition: attachment; filename*=utf-8''shop%40alias.example.pdf\r\n")]
    [InlineData("Content-Disposition: attachment; filename*0=jane@home.; filename*1=example\r\n", "Content-Disposition: attachment\r\n")]
    public void Header_fields_are_cleaned_however_they_are_spelt(string header, string expected)
    {
        var removal = TraceRemover.Remove(Octets(header + "\r\nbody\r\n"), Traces);
        Assert.Empty(removal.Remaining);
        Assert.Equal(expected + "\r\nbody\r\n", Ascii(removal.Message));
    }

    [Fact]
    public void Boundaries_and_content_ids_that_tell_are_renamed_and_other_parts_keep_their_octets()
    {
        var message = Octets(
            """
            MIME-Version: 1.0
            Content-Type: multipart/related; boundary="b-jane@home.example"; start="<p1.x@home.example>"

            preamble
            --b-jane@home.example
            Content-Type: text/html
            Content-ID: <p1.x@home.example>

            <img src="cid:p2.y@HOME.example"><p>hi</p>
            --b-jane@home.example
            content-type:  image/png
            Content-ID:
             <p2.y@home.example>
            Content-Transfer-Encoding:   base64

            iVBORw0KGgo=
              
            --b-jane@home.example--
            epilogue
            """);
        var removal = TraceRemover.Remove(message, Traces);
        Assert.Empty(removal.Remaining);
        var text = Ascii(removal.Message);
        Assert.DoesNotContain("home.example", text, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("<img src=\"cid:p2.y@alias.example\">", text, StringComparison.Ordinal);
        Assert.Contains("start=\"<p1.x@alias.example>\"", text, StringComparison.Ordinal);
        Assert.Contains("content-type:  image/png\r\nContent-ID:\r\n <p2.y@alias.example>\r\nContent-Transfer-Encoding:   base64\r\n\r\niVBORw0KGgo=\r\n  \r\n--", text, StringComparison.Ordinal);
        using var read = new MemoryStream(removal.Message.ToArray());
        Assert.Equal(2, Assert.IsType<MultipartRelated>(MimeMessage.Load(read, TestContext.Current.CancellationToken).Body).Count);
    }

    [Fact]
    public void What_cannot_be_changed_is_reported()
    {
        var signed = Octets(
            """
            Content-Type: multipart/signed; boundary=s; protocol="application/pgp-signature"

            --s
            Content-Type: text/plain
            Content-Transfer-Encoding: base64

            amFuZUBob21lLmV4YW1wbGU=
            --s
            Content-Type: application/pgp-signature

            x
            --s--
            """);
        var removal = TraceRemover.Remove(signed, Traces);
        Assert.False(removal.IsChanged);
        Assert.Equal("signed or encrypted part", Assert.Single(removal.Remaining).Where);

        var office = Octets($"Content-Type: application/msword\r\nContent-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(Encoding.Unicode.GetBytes("xx jane@home.example"))}\r\n");
        Assert.Equal("part application/msword", Assert.Single(TraceRemover.Remove(office, Traces).Remaining).Where);
    }

    [Fact]
    public void A_message_inside_a_message_is_cleaned_too()
    {
        var removal = TraceRemover.Remove(Octets("Content-Type: message/rfc822\r\n\r\nDelivered-To: jane@home.example\r\nContent-Transfer-Encoding: base64\r\n\r\namFuZUBob21lLmV4YW1wbGU=\r\n"), Traces);
        Assert.Empty(removal.Remaining);
        Assert.Contains("Delivered-To: shop@alias.example", Ascii(removal.Message), StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_without_a_trace_keeps_every_octet() =>
        Prop.ForAll(Messages(["x", "y"]).ToArbitrary(), message =>
        {
            var removal = TraceRemover.Remove(message, Traces);
            Assert.False(removal.IsChanged);
            Assert.Equal(message, removal.Message.ToArray());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void Whatever_the_message_no_private_address_is_left_unreported() =>
        Prop.ForAll(Messages(["jane@home.example", "JANE%40home.example", "amFuZUBob21lLmV4YW1wbGU=", "jane=40home.example", "=?utf-8?q?jane=40home.example?="]).ToArbitrary(), message =>
        {
            var removal = TraceRemover.Remove(message, Traces);
            Assert.True(removal.Remaining.Count > 0 || !Encoding.Latin1.GetString(removal.Message.Span).Contains(" jane@home.example ", StringComparison.OrdinalIgnoreCase));
            Assert.Equal(removal.Remaining, TraceFinder.Find(removal.Message.Span, Traces));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    private static Gen<byte[]> Messages(string[] more) => Gen.Elements(
    [
        "Content-Type: multipart/mixed; boundary=b\r\n", "Content-Type: text/plain\r\n", "Content-Transfer-Encoding: base64\r\n", "Content-Transfer-Encoding: quoted-printable\r\n",
        "Content-Type: message/rfc822\r\n", "Subject: ", "\r\n", "\r\n\r\n", "--b\r\n", "\r\n--b\r\n", "--b--\r\n", "\n", " ", "text ", "\0", "=\r\n", .. more.Select(word => $" {word} "),
    ]).ListOf().Select(words => Encoding.Latin1.GetBytes(string.Concat(words)));

    private static string Quoted(string text)
    {
        var encoder = new MimeKit.Encodings.QuotedPrintableEncoder(76);
        var input = Encoding.UTF8.GetBytes(text);
        var output = new byte[encoder.EstimateOutputLength(input.Length)];
        return Encoding.ASCII.GetString(output, 0, encoder.Flush(input, 0, input.Length, output)).ReplaceLineEndings("\r\n");
    }
}
