using System.Net;
using Smtpy.Web.Tests.Site;

namespace Smtpy.Web.Tests;

public sealed class CaptureMessageTests
{
    [Fact]
    public async Task The_text_tab_shows_the_decoded_text_and_the_envelope()
    {
        var mailbox = new MemoryMailbox();
        mailbox.Add(Letters.Plain, message => message with { Sender = string.Empty });
        await using var site = await WebSite.StartAsync(mailbox);
        var page = await site.OpenAsync("/capture/1-0");
        Assert.Equal("Your order — on its way", page.QuerySelector("h1")!.TextContent);
        Assert.Equal("Your order — on its way · SMTPy", page.Title);
        Assert.Contains("<b>Not bold</b> & not \"quoted\".\n\nJäne", page.QuerySelector(".body-text")!.TextContent, StringComparison.Ordinal);
        Assert.Null(page.QuerySelector(".body-text b"));
        var envelope = page.QuerySelectorAll(".envelope dl > div").ToDictionary(
            e => e.QuerySelector("dt")!.TextContent, e => e.QuerySelector("dd")!.TextContent.Trim());
        Assert.Equal("<> (null reverse path)", envelope["Sender"]);
        Assert.Equal("srs0+x@demo.example", envelope["Return path"]);
        Assert.Equal("hello@demo.example", envelope["Alias"]);
        Assert.Equal("me@mailbox.example", envelope["Recipient"]);
        Assert.Equal(
            ["2026-03-14T09:00:00.000Z", "2026-03-14T09:00:01.000Z"],
            page.QuerySelectorAll(".envelope time").Select(e => e.GetAttribute("datetime")!));
    }

    [Fact]
    public async Task The_tabs_are_links_and_name_the_current_one()
    {
        var mailbox = new MemoryMailbox();
        mailbox.Add(Letters.Plain);
        mailbox.Add(Letters.Mixed);
        await using var site = await WebSite.StartAsync(mailbox);
        var plain = await site.OpenAsync("/capture/1-0/headers");
        Assert.Equal(
            ["/capture/1-0", "/capture/1-0/headers", "/capture/1-0/source"],
            plain.QuerySelectorAll(".tabs a").Select(e => e.GetAttribute("href")!));
        Assert.Equal("Headers", plain.QuerySelector(".tabs [aria-current=page]")!.TextContent.Trim());
        var mixed = await site.OpenAsync("/capture/2-0");
        Assert.Equal(
            ["/capture/2-0", "/capture/2-0/html", "/capture/2-0/headers", "/capture/2-0/source", "/capture/2-0/attachments"],
            mixed.QuerySelectorAll(".tabs a").Select(e => e.GetAttribute("href")!));
        Assert.Contains("Grüße, the figures are attached.", mixed.QuerySelector(".body-text")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_headers_tab_keeps_the_spelling_and_the_folds()
    {
        var mailbox = new MemoryMailbox();
        mailbox.Add(Letters.Plain);
        await using var site = await WebSite.StartAsync(mailbox);
        var rows = (await site.OpenAsync("/capture/1-0/headers")).QuerySelectorAll(".headers tbody tr");
        Assert.Equal(
            ["Received", "From", "To", "sUBJECT", "Date", "Message-ID", "Content-Type"],
            rows.Select(row => row.QuerySelector("th")!.TextContent));
        Assert.Equal(
            "from shop.example (shop.example [192.0.2.7])\n\tby demo.example (SMTPy) with ESMTP id 42\n"
            + "\tfor <hello@demo.example>; Sat, 14 Mar 2026 09:00:00 +0000",
            rows[0].QuerySelector(".raw")!.TextContent);
        Assert.Equal("Your order =?utf-8?q?=E2=80=94?= on its way", rows[3].QuerySelector(".raw")!.TextContent);
    }

    [Fact]
    public async Task The_source_tab_shows_the_message_as_it_would_have_been_sent()
    {
        var mailbox = new MemoryMailbox();
        mailbox.Add("\nno header at all, <script>alert(1)</script>\0\n.\n");
        await using var site = await WebSite.StartAsync(mailbox);
        var page = await site.OpenAsync("/capture/1-0/source");
        Assert.Equal("\nno header at all, <script>alert(1)</script>␀\n.\n", page.QuerySelector(".source")!.TextContent);
        Assert.Equal("/capture/1-0/source.eml", page.QuerySelector(".panel a[download]")!.GetAttribute("href"));
        Assert.Empty(page.QuerySelectorAll("script"));
    }

    [Fact]
    public async Task The_download_is_the_whole_message_byte_for_byte_part_by_part()
    {
        var octets = new byte[3_000_001];
        new Random(1).NextBytes(octets);
        var content = new PartedContent(4, part => octets.AsMemory(part * 1_000_000, Math.Min(1_000_000, octets.Length - (part * 1_000_000))));
        var mailbox = new MemoryMailbox();
        mailbox.Add(content);
        await using var site = await WebSite.StartAsync(mailbox);
        using var response = await site.GetAsync("/capture/1-0/source.eml");
        Assert.Equal("message/rfc822", response.Content.Headers.ContentType?.ToString());
        Assert.Equal("attachment; filename=\"smtpy-1-0.eml\"", response.Content.Headers.ContentDisposition?.ToString());
        Assert.Equal(octets.Length, response.Content.Headers.ContentLength);
        Assert.Equal(octets, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(4, content.Reads);
    }

    [Fact]
    public async Task A_large_message_is_looked_at_in_part_and_the_page_says_so()
    {
        var head = "Subject: large\r\nContent-Type: text/plain\r\n\r\n"u8.ToArray();
        var body = new byte[1_000_000];
        body.AsSpan().Fill((byte)'x');
        var content = new PartedContent(51, part => part == 0 ? head : body);
        var mailbox = new MemoryMailbox();
        mailbox.Add(content);
        await using var site = await WebSite.StartAsync(mailbox);
        var page = await site.OpenAsync("/capture/1-0");
        Assert.Contains("This message has 50\u00a0MB", page.QuerySelector(".note")!.TextContent, StringComparison.Ordinal);
        Assert.Equal(1_000_000, page.QuerySelector(".body-text")!.TextContent.Length);
        Assert.True(content.Reads <= 4, $"{content.Reads} parts were read");
        var source = await site.OpenAsync("/capture/1-0/source");
        Assert.Equal((1024 * 1024) - 3, source.QuerySelector(".source")!.TextContent.Length); // three CRs of the header block
        Assert.Contains("The first 1.0\u00a0MB of 50\u00a0MB", source.QuerySelector(".panel-bar")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attachments_are_listed_with_name_type_and_size()
    {
        var mailbox = new MemoryMailbox();
        mailbox.Add(Letters.Mixed);
        await using var site = await WebSite.StartAsync(mailbox);
        var rows = (await site.OpenAsync("/capture/1-0/attachments")).QuerySelectorAll(".attachments tbody tr");
        Assert.Equal(
            [["logo.png", "image/png", "70\u00a0B"], ["figures €.xls", "application/vnd.ms-excel", "10\u00a0B"]],
            rows.Select(row => row.Children.Select(cell => cell.TextContent.Trim())));
    }

    [Theory]
    [InlineData("/capture/7-0")]
    [InlineData("/capture/1-7")]
    [InlineData("/capture/7-0/source.eml")]
    [InlineData("/capture/7-0/html/body")]
    [InlineData("/capture/1-0/html/body")]
    [InlineData("/capture/1-0/nothing")]
    [InlineData("/capture/99999999999999999999-0")]
    public async Task What_is_not_there_is_a_page_that_leads_back(string path)
    {
        var mailbox = new MemoryMailbox();
        mailbox.Add(Letters.Plain);
        await using var site = await WebSite.StartAsync(mailbox);
        using var response = await site.GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("/capture", (await WebSite.ReadAsync(response)).QuerySelector("main a")!.GetAttribute("href"));
    }

    [Fact]
    public async Task A_message_whose_octets_retention_removed_still_shows_its_envelope()
    {
        var mailbox = new MemoryMailbox();
        mailbox.Add(content: null);
        await using var site = await WebSite.StartAsync(mailbox);
        var page = await site.OpenAsync("/capture/1-0");
        Assert.NotNull(page.QuerySelector(".envelope"));
        Assert.Equal("The content of this message is no longer kept.", page.QuerySelector(".note")!.TextContent);
        Assert.Null(page.QuerySelector(".tabs"));
    }

    [Fact]
    public async Task Head_answers_like_get_without_a_body()
    {
        var mailbox = new MemoryMailbox();
        mailbox.Add(Letters.Plain);
        await using var site = await WebSite.StartAsync(mailbox);
        foreach (var path in (string[])["/capture", "/capture/1-0", "/capture/1-0/source.eml"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, path);
            using var response = await site.Client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.True(response.Content.Headers.ContentLength > 0);
        }
    }
}
