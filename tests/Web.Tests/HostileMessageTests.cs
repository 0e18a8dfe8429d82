using System.Text;
using Smtpy.Mail.Messages;
using Smtpy.Web.Mime;
using Smtpy.Web.Tests.Site;

namespace Smtpy.Web.Tests;

public sealed class HostileMessageTests
{
    private static readonly string[] Views = ["", "/html", "/headers", "/source", "/attachments"];

    public static TheoryData<string, byte[]> Oddities() => new()
    {
        { "empty", [] },
        { "only a line end", "\r\n"u8.ToArray() },
        { "binary", [.. Enumerable.Range(0, 70_000).Select(i => (byte)(i * 7919 >> 3))] },
        { "NULs", new byte[5_000] },
        { "no end of header", "Subject: a"u8.ToArray() },
        { "white space first", " folded: from nothing\r\n\tmore\r\n\r\nbody"u8.ToArray() },
        { "mbox line", "From jane Sat Mar 14\r\nSubject: x\r\n\r\nbody"u8.ToArray() },
        { "unknown charset", "Content-Type: text/plain; charset=x-klingon\r\n\r\n\xff\xfe"u8.ToArray() },
        { "utf-7", "Content-Type: text/plain; charset=utf-7\r\n\r\n+ADw-script+AD4-alert(1)+ADw-/script+AD4-"u8.ToArray() },
        { "raw 8-bit subject", [.. "Subject: "u8, 0xe4, 0xf6, 0xfc, .. "\r\n\r\n"u8] },
        { "lone surrogates", "Content-Type: text/plain; charset=utf-16le\r\nContent-Transfer-Encoding: base64\r\n\r\nANgA2ADc"u8.ToArray() },
        { "broken base64", "Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n****=A=="u8.ToArray() },
        { "unknown transfer encoding", "Content-Type: text/html\r\nContent-Transfer-Encoding: x-zip\r\n\r\n<p>hi"u8.ToArray() },
        { "boundary never closed", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx"u8.ToArray() },
        { "empty boundary", "Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n\r\nx"u8.ToArray() },
        { "multipart without boundary", "Content-Type: multipart/mixed\r\n\r\nx"u8.ToArray() },
        { "nested a thousand deep", Encoding.ASCII.GetBytes(Nested(1_000)) },
        { "message in message", Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("Content-Type: message/rfc822\r\n\r\n", 2_000))) },
        { "a subject of a megabyte", [.. "Subject: "u8, .. Enumerable.Repeat((byte)'"', 1_000_000), .. "\r\n\r\n"u8] },
        { "a from of commas", [.. "From: "u8, .. Enumerable.Repeat((byte)','  , 500_000), .. "\r\n\r\n"u8] },
        { "html never closed", "Content-Type: text/html\r\n\r\n<a href=\"<img src='<style>@import"u8.ToArray() },
        { "html of tags", [.. "Content-Type: text/html\r\n\r\n"u8, .. Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("<div>", 100_000)))] },
        { "css of parentheses", [.. "Content-Type: text/html\r\n\r\n<style>"u8, .. Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("url(", 200_000)))] },
        { "attachment of dots", "Content-Disposition: attachment; filename=\"../../<b>\\\"\"\r\nContent-Type: \"\r\n\r\nx"u8.ToArray() },
    };

    [Theory]
    [MemberData(nameof(Oddities))]
    public async Task No_message_breaks_a_page(string what, byte[] octets)
    {
        Assert.NotEmpty(what);
        var mailbox = new MemoryMailbox();
        mailbox.Add(new InMemoryContent(octets));
        await using var site = await WebSite.StartAsync(mailbox);
        Assert.Single((await site.OpenAsync("/capture")).QuerySelectorAll(".mail-row"));
        foreach (var view in Views)
        {
            var page = await site.OpenAsync($"/capture/1-0{view}");
            Assert.NotNull(page.QuerySelector("main .panel"));
            Assert.NotNull(page.QuerySelector(".footer"));
            Assert.Empty(page.QuerySelectorAll("script, main b, [onerror]"));
        }
    }

    [Fact]
    public void No_mutation_of_a_message_breaks_its_reading()
    {
        var random = new Random(20260314);
        foreach (var letter in (string[])[Letters.Plain, Letters.Hostile, Letters.Mixed])
        {
            var whole = Encoding.UTF8.GetBytes(letter.ReplaceLineEndings("\r\n"));
            for (var round = 0; round < 400; round++)
            {
                var octets = Mutate(whole, random);
                HeaderTable.Read(octets);
                HeaderSummary.Read(octets);
                var preview = MimePreview.Read(octets, TestContext.Current.CancellationToken);
                if (preview.Html is not null)
                {
                    Assert.DoesNotContain("<script", HtmlMail.Read(preview.Html, preview.Images).Document, StringComparison.OrdinalIgnoreCase);
                }
            }
        }
    }

    [Fact]
    public async Task Ten_thousand_header_fields_are_cut_with_a_note()
    {
        var mailbox = new MemoryMailbox();
        mailbox.Add(string.Concat(Enumerable.Range(0, 10_000).Select(i => $"X-{i}: {i}\n")) + "Subject: last\n\nbody");
        await using var site = await WebSite.StartAsync(mailbox);
        var page = await site.OpenAsync("/capture/1-0/headers");
        Assert.Equal(500, page.QuerySelectorAll(".headers tbody tr").Length);
        Assert.Contains("The first 500 of 10,001 header fields", page.QuerySelector(".note")!.TextContent, StringComparison.Ordinal);
        Assert.Equal("last", page.QuerySelector("h1")!.TextContent);
    }

    [Fact]
    public async Task Markup_in_headers_and_envelope_stays_text()
    {
        const string Markup = "<img src=x onerror=alert(1)>\"'&";
        var mailbox = new MemoryMailbox();
        mailbox.Add(
            $"Subject: {Markup}\nFrom: \"<b>x</b>\" <a@b.example>\nTo: {Markup}\nDate: {Markup}\n{Markup}: v\n\n",
            message => message with { Sender = Markup, ReturnPath = Markup, AliasAddress = Markup, Recipient = Markup });
        await using var site = await WebSite.StartAsync(mailbox);
        foreach (var path in (string[])["/capture", .. Views.Select(view => "/capture/1-0" + view)])
        {
            var page = await site.OpenAsync(path);
            Assert.Empty(page.QuerySelectorAll("img, main b"));
            Assert.Contains(Markup, page.QuerySelector("main")!.TextContent, StringComparison.Ordinal);
        }
    }

    private static byte[] Mutate(byte[] whole, Random random)
    {
        var octets = whole[..random.Next(whole.Length + 1)];
        for (var i = random.Next(12); i > 0 && octets.Length > 0; i--)
        {
            var at = random.Next(octets.Length);
            switch (random.Next(3))
            {
                case 0:
                    octets[at] = (byte)random.Next(256);
                    break;
                case 1:
                    octets = [.. octets[..at], .. octets[random.Next(octets.Length)..]];
                    break;
                default:
                    octets = [.. octets[..at], .. octets[(at / 2)..]];
                    break;
            }
        }

        return octets;
    }

    private static string Nested(int depth) => string.Concat(
        Enumerable.Range(0, depth).Select(i => $"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n")) + "\r\ndeep\r\n";
}
