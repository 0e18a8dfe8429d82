using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Smtpy.Web.Mime;
using Smtpy.Web.Tests.Site;

namespace Smtpy.Web.Tests;

public sealed class HtmlMailTests
{
    [Fact]
    public async Task An_html_only_message_shows_its_words_as_text_and_its_html_in_a_sandbox()
    {
        var mailbox = new MemoryMailbox();
        mailbox.Add(Letters.Hostile.Replace("SITE", "http://evil.example", StringComparison.Ordinal));
        await using var site = await WebSite.StartAsync(mailbox);
        var text = (await site.OpenAsync("/capture/1-0")).QuerySelector(".body-text")!.TextContent;
        Assert.Equal(
            "Special offer\n\nDear customer, claim it <https://evil.example/claim> or this <javascript:document.title='owned'>.\n\n[A pixel]",
            text);
        var frame = (await site.OpenAsync("/capture/1-0/html")).QuerySelector("iframe")!;
        Assert.Equal("/capture/1-0/html/body", frame.GetAttribute("src"));
        Assert.DoesNotContain("allow-scripts", frame.GetAttribute("sandbox"), StringComparison.Ordinal);
        Assert.DoesNotContain("allow-same-origin", frame.GetAttribute("sandbox"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_html_document_is_served_under_a_policy_that_loads_and_runs_nothing()
    {
        var mailbox = new MemoryMailbox();
        mailbox.Add(Letters.Hostile);
        await using var site = await WebSite.StartAsync(mailbox);
        using var response = await site.GetAsync("/capture/1-0/html/body");
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy")).Split("; ");
        Assert.Contains("default-src 'none'", policy);
        Assert.Contains("img-src data:", policy);
        Assert.Contains("sandbox allow-popups allow-popups-to-escape-sandbox", policy);
        Assert.DoesNotContain(policy, directive => directive.StartsWith("script-src", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_that_runs_or_loads_is_left_of_hostile_html()
    {
        var body = Letters.Hostile[Letters.Hostile.IndexOf("<html>", StringComparison.Ordinal)..];
        var mail = HtmlMail.Read(body.Replace("SITE", "//load.example", StringComparison.Ordinal), InlineImages.None);
        var document = Parse(mail.Document);
        Assert.Empty(document.QuerySelectorAll("script, link, base, meta[http-equiv], iframe, form, input, object, video, svg"));
        Assert.All(document.All, element => Assert.DoesNotContain(
            element.Attributes, attribute => attribute.Name.StartsWith("on", StringComparison.Ordinal) || attribute.Name is "src" or "background"));
        Assert.DoesNotContain("load.example", mail.Document, StringComparison.Ordinal);
        Assert.Equal(6, mail.RemoteReferences); // import, background image, body background, inline style, two images
        Assert.Equal("Special offer", document.QuerySelector("h1")!.TextContent);
    }

    [Fact]
    public void A_link_keeps_only_a_web_or_mail_target_and_opens_apart()
    {
        var document = Parse(HtmlMail.Read(
            "<a href='https://a.example/?x=1&amp;y=\"'>1</a><a href=' MAILTO:a@b.example'>2</a><a href='java&#10;script:alert(1)'>3</a>"
            + "<a href='/capture'>4</a><a href='data:text/html,x'>5</a>", InlineImages.None).Document);
        var links = document.QuerySelectorAll("a");
        Assert.Equal(["https://a.example/?x=1&y=\"", " MAILTO:a@b.example", null, null, null], links.Select(a => a.GetAttribute("href")));
        Assert.All(links, a => Assert.Equal("_blank", a.GetAttribute("target")));
    }

    [Fact]
    public void Images_the_message_carries_itself_are_shown_others_are_not()
    {
        var preview = MimePreview.Read(
            System.Text.Encoding.UTF8.GetBytes(Letters.Mixed.ReplaceLineEndings("\r\n")), TestContext.Current.CancellationToken);
        var document = Parse(HtmlMail.Read(preview.Html!, preview.Images).Document);
        Assert.StartsWith("data:image/png;base64,iVBOR", document.QuerySelector("img")!.GetAttribute("src"), StringComparison.Ordinal);
        Assert.Null(preview.Images.Resolve("cid:unknown@news"));
        Assert.Null(preview.Images.Resolve("data:image/svg+xml,<svg/>"));
        Assert.Null(preview.Images.Resolve("http://a.example/x.png"));
    }

    [Fact]
    public void Repeating_an_image_does_not_grow_the_page_without_bound()
    {
        var pixels = "data:image/png;base64," + new string('A', 1_000_000);
        Assert.Equal(4, Enumerable.Range(0, 100).Count(_ => InlineImagesOnce.Resolve(pixels) is not null));
    }

    [Theory]
    [InlineData("<style>a{color:red}</style>", "a{color:red}", 0)]
    [InlineData("<style>a{background:URL( 'http://x/y' )}</style>", "a{background:none}", 1)]
    [InlineData("<style>@import 'http://x/y';a{color:red}</style>", "nonea{color:red}", 1)]
    [InlineData("<style>a{background:url(data:image/png;base64,AA)}</style>", "a{background:url(data:image/png;base64,AA)}", 0)]
    public void Style_keeps_what_loads_nothing(string html, string css, int remote)
    {
        var mail = HtmlMail.Read(html, InlineImages.None);
        Assert.Equal(css, Parse(mail.Document).QuerySelector("body style")!.TextContent);
        Assert.Equal(remote, mail.RemoteReferences);
    }

    [Theory]
    [InlineData("one<br>two<br/>three", "one\ntwo\nthree")]
    [InlineData("<p>one\n  two</p><p>three</p>", "one two\n\nthree")]
    [InlineData("<ul><li>a</li><li>b</li></ul>end", "• a\n• b\n\nend")]
    [InlineData("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc")]
    [InlineData("a<style>x{}</style>b<script>1<2</script>c<!-- no -->d", "abcd")]
    [InlineData("<a href='https://a.example'>https://a.example</a>", "https://a.example")]
    [InlineData("5 &lt; 6 &amp; &eacute;", "5 < 6 & é")]
    [InlineData("<title>hidden", "")]
    [InlineData("a<br><br><p>b", "a\n\nb")]
    [InlineData("a<br><br><br><br><br><br>b", "a\n\n\nb")]
    public void The_words_of_html_become_text(string html, string text) => Assert.Equal(text, HtmlToText.Convert(html));

    private static InlineImages InlineImagesOnce { get; } = InlineImages.Collect([], CancellationToken.None);

    private static IHtmlDocument Parse(string html) => new HtmlParser().ParseDocument(html);
}
