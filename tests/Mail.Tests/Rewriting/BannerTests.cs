using System.Text;
using MimeKit;
using Smtpy.Mail.Rewriting;
using Xunit;
using static Smtpy.Mail.Tests.Rewriting.Texts;

namespace Smtpy.Mail.Tests.Rewriting;

public sealed class BannerTests
{
    [Fact]
    public void The_first_text_of_each_kind_gets_the_banner()
    {
        var message = Octets(
            $"""
            Content-Type: multipart/alternative; boundary=b

            --b
            Content-Type: text/plain; charset=iso-8859-1
            Content-Transfer-Encoding: quoted-printable

            J=FCrgen
            --b
            Content-Type: text/html; charset=utf-8
            Content-Transfer-Encoding: base64

            {Convert.ToBase64String(Encoding.UTF8.GetBytes("<html><body class='x'><p>J\u00fcrgen</p></body></html>"))}
            --b
            Content-Type: text/plain
            Content-Disposition: attachment

            untouched
            --b--
            """);
        using var read = new MemoryStream(Banner.Insert(message, "Sent to <shop> \u00fcber").ToArray());
        var parts = MimeMessage.Load(read, TestContext.Current.CancellationToken).BodyParts.OfType<TextPart>().ToList();
        Assert.Equal("Sent to <shop> \u00fcber\n\nJ\u00fcrgen", parts[0].Text.ReplaceLineEndings("\n"));
        Assert.Equal("<html><body class='x'><div>Sent to &lt;shop&gt; &#252;ber</div>\n<p>J\u00fcrgen</p></body></html>", parts[1].Text.ReplaceLineEndings("\n"));
        Assert.Equal("untouched", parts[2].Text.Trim());
    }

    [Fact]
    public void A_banner_beyond_ASCII_in_a_plain_ASCII_part_is_encoded()
    {
        var message = Banner.Insert(Octets("Content-Type: text/plain; charset=utf-8\r\n\r\nhi\r\n"), "\u00fcber");
        Assert.Equal("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=C3=BCber\r\n\r\nhi\r\n", Ascii(message));
    }

    [Theory]
    [InlineData("text/plain", "hi\r\n", "hi\r\n\r\nnote\r\n")]
    [InlineData("text/plain", "hi", "hi\r\n\r\nnote\r\n")]
    [InlineData("text/plain", "", "\r\nnote\r\n")]
    [InlineData("text/html", "<p></body></p></BODY ></html>", "<p></body></p><div>note</div>\r\n</BODY ></html>")]
    [InlineData("text/html", "<p>hi</p>", "<p>hi</p><div>note</div>\r\n")]
    [InlineData("text/html", "x</bod", "x</bod<div>note</div>\r\n")]
    public void A_banner_at_the_bottom_stands_below_the_text(string type, string text, string expected)
    {
        var message = Banner.Insert(Octets($"Content-Type: {type}\r\n\r\n{text}"), "note", atBottom: true);
        Assert.Equal($"Content-Type: {type}\r\n\r\n{expected}", Ascii(message));
    }

    [Theory]
    [InlineData("multipart/signed; boundary=b", "")]
    [InlineData("multipart/encrypted; boundary=b", "")]
    [InlineData("application/pkcs7-mime", "")]
    [InlineData("application/pdf", "")]
    [InlineData("text/plain", "Content-Transfer-Encoding: x-odd\r\n")]
    [InlineData("text/plain; charset=x-odd", "")]
    public void What_must_not_change_does_not(string type, string more)
    {
        var message = Octets($"Content-Type: {type}\r\n{more}\r\n--b\r\n\r\nhi\r\n--b--\r\n");
        Assert.Equal(message, Banner.Insert(message, "b\u00e4nner").ToArray());
    }
}
