using System.Net;
using Smtpy.Core.Storage;
using Smtpy.Web.Tests.Site;

namespace Smtpy.Web.Tests;

public sealed class CaptureListTests
{
    [Fact]
    public async Task The_root_leads_to_the_capture_mailbox()
    {
        await using var site = await WebSite.StartAsync(new MemoryMailbox());
        using var response = await site.GetAsync("/");
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("/capture", response.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task An_empty_mailbox_tells_how_to_send_a_first_message()
    {
        await using var site = await WebSite.StartAsync(new MemoryMailbox(), new WebOptions { SmtpServer = "localhost:2525" });
        var page = await site.OpenAsync("/capture");
        Assert.Contains("swaks --server localhost:2525", page.QuerySelector("main")!.TextContent, StringComparison.Ordinal);
        Assert.Null(page.QuerySelector(".mail"));
    }

    [Fact]
    public async Task A_row_shows_author_subject_route_time_and_size()
    {
        var mailbox = new MemoryMailbox();
        mailbox.Add(Letters.Plain, message => message with { Size = 1_440 });
        await using var site = await WebSite.StartAsync(mailbox);
        var row = Assert.Single((await site.OpenAsync("/capture")).QuerySelectorAll(".mail-row"));
        Assert.Equal(["Jäne Doe", "jane@shop.example"], row.QuerySelectorAll(".mail-from bdi").Select(e => e.TextContent));
        Assert.Equal("Your order — on its way", row.QuerySelector(".mail-subject")!.TextContent.Trim());
        Assert.Equal("/capture/1-0", row.QuerySelector(".mail-subject a")!.GetAttribute("href"));
        Assert.Equal(["hello@demo.example", "me@mailbox.example"], row.QuerySelectorAll(".mail-route bdi").Select(e => e.TextContent));
        Assert.Equal("2026-03-14T09:00:01.000Z", row.QuerySelector("time")!.GetAttribute("datetime"));
        Assert.Equal("1.4\u00a0kB", row.QuerySelector(".mail-size")!.TextContent);
    }

    [Fact]
    public async Task Rows_are_newest_first_and_fifty_a_page()
    {
        var mailbox = new MemoryMailbox();
        for (var i = 1; i <= 120; i++)
        {
            mailbox.Add($"Subject: number {i}\n\n");
        }

        await using var site = await WebSite.StartAsync(mailbox);
        Assert.Equal(Subjects(120, 71), await SubjectsAsync(site, "/capture"));
        Assert.Equal(Subjects(70, 21), await SubjectsAsync(site, "/capture?page=2"));
        Assert.Equal(Subjects(20, 1), await SubjectsAsync(site, "/capture?page=3"));

        var middle = await site.OpenAsync("/capture?page=2");
        Assert.Equal("/capture", middle.QuerySelector(".pager [rel=prev]")!.GetAttribute("href"));
        Assert.Equal("/capture?page=3", middle.QuerySelector(".pager [rel=next]")!.GetAttribute("href"));
        Assert.Equal("51", middle.QuerySelector("ol.mail")!.GetAttribute("start"));
    }

    [Theory]
    [InlineData("0", 2)]
    [InlineData("-1", 2)]
    [InlineData("abc", 2)]
    [InlineData("99999999999999", 2)]
    [InlineData("2147483647", 1)]
    public async Task A_page_number_out_of_range_shows_the_nearest_page(string number, int newest)
    {
        var mailbox = new MemoryMailbox();
        mailbox.Add("Subject: number 1\n\n");
        for (var i = 0; i < 50; i++)
        {
            mailbox.Add("Subject: number 2\n\n");
        }

        await using var site = await WebSite.StartAsync(mailbox);
        Assert.Equal($"number {newest}", (await SubjectsAsync(site, $"/capture?page={number}"))[0]);
    }

    [Fact]
    public async Task A_message_without_subject_sender_or_content_has_a_row_like_any_other()
    {
        var mailbox = new MemoryMailbox();
        mailbox.Add("Received: x\n\nbody");
        mailbox.Add(content: null);
        await using var site = await WebSite.StartAsync(mailbox);
        Assert.Equal(["(no longer kept)", "(no subject)"], await SubjectsAsync(site, "/capture"));
    }

    [Fact]
    public async Task A_store_that_cannot_be_read_is_said_to_be_so()
    {
        var mailbox = new MemoryMailbox { Fault = new StorageException("database is locked") };
        await using var site = await WebSite.StartAsync(mailbox);
        using var response = await site.GetAsync("/capture");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        var page = await WebSite.ReadAsync(response);
        Assert.Equal("The store cannot be read", page.QuerySelector("h1")!.TextContent);
        Assert.DoesNotContain("locked", page.Body!.TextContent, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Subjects(int from, int to) =>
        Enumerable.Range(to, from - to + 1).Reverse().Select(i => $"number {i}");

    private static async Task<string[]> SubjectsAsync(WebSite site, string path) =>
        [.. (await site.OpenAsync(path)).QuerySelectorAll(".mail-subject").Select(e => e.TextContent.Trim())];
}
