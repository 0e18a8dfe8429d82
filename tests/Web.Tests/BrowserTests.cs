using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;
using Smtpy.Web.Rendering;
using Smtpy.Web.Tests.Site;

namespace Smtpy.Web.Tests;

public sealed class BrowserTests(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task A_reader_finds_a_message_and_walks_through_its_views()
    {
        await using var site = await WebSite.StartAsync(Letterbox(string.Empty));
        await using var tab = await browser.OpenAsync(site.Address);
        await tab.GoAsync("/");
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Quarterly figures" }).ClickAsync();
        await tab.Page.GetByText("Grüße, the figures are attached.").WaitForAsync();
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "HTML", Exact = true }).ClickAsync();
        var frame = tab.Page.FrameLocator("iframe");
        await frame.GetByText("The figures are attached.").WaitForAsync();
        var logo = frame.GetByRole(AriaRole.Img, new() { Name = "Logo" });
        await logo.WaitForAsync();
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Headers" }).ClickAsync();
        await tab.Page.GetByText("multipart/mixed; boundary=outer").WaitForAsync();
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Source" }).ClickAsync();
        var download = await tab.Page.RunAndWaitForDownloadAsync(
            () => tab.Page.GetByRole(AriaRole.Link, new() { Name = "Download" }).ClickAsync());
        Assert.Equal("smtpy-2-0.eml", download.SuggestedFilename);
        await tab.Page.GetByRole(AriaRole.Link, new() { Name = "Attachments" }).ClickAsync();
        await tab.Page.GetByText("figures €.xls").WaitForAsync();
        await tab.Page.GetByLabel("Breadcrumb").GetByRole(AriaRole.Link).ClickAsync();
        await tab.Page.GetByRole(AriaRole.Heading, new() { Name = "Capture mailbox" }).WaitForAsync();
        Assert.Empty(tab.Complaints);
    }

    [Fact]
    public async Task Hostile_html_runs_nothing_loads_nothing_and_leaves_the_console_silent()
    {
        await using var canary = await Canary.StartAsync();
        await using var site = await WebSite.StartAsync(Letterbox(canary.Address));
        await using var tab = await browser.OpenAsync(site.Address);
        foreach (var path in (string[])["/capture", "/capture/3-0", "/capture/3-0/html", "/capture/3-0/html/body", "/capture/3-0/source"])
        {
            await tab.GoAsync(path);
            await tab.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            Assert.NotEqual("owned", await tab.Page.TitleAsync());
            if (path.EndsWith("/html", StringComparison.Ordinal))
            {
                await tab.Page.FrameLocator("iframe").GetByRole(AriaRole.Heading, new() { Name = "Special offer" }).WaitForAsync();
            }
        }

        Assert.Empty(canary.Calls);
        Assert.All(tab.Requests, request => Assert.Equal(site.Address.Authority, request.Authority));
        Assert.Empty(tab.Complaints);
    }

    [Fact]
    public async Task The_policy_alone_stops_what_a_filter_might_miss()
    {
        await using var canary = await Canary.StartAsync();
        var html = Letters.Hostile[Letters.Hostile.IndexOf("<html>", StringComparison.Ordinal)..]
            .Replace("SITE", canary.Address, StringComparison.Ordinal)
            .Replace("<meta http-equiv=\"refresh\"", "<meta", StringComparison.Ordinal);
        await using var site = await WebSite.StartAsync(new MemoryMailbox(), extend: app =>
        {
            app.MapGet("/unfiltered", (HttpResponse response) =>
            {
                PageHeaders.Apply(response, PageHeaders.MailPolicy);
                return Results.Content(html, "text/html");
            });
            app.MapGet("/unguarded", () => Results.Content(html, "text/html"));
        });
        await using var tab = await browser.OpenAsync(site.Address);
        await tab.GoAsync("/unfiltered");
        await tab.Page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        Assert.Equal("x", await tab.Page.TitleAsync());
        Assert.Empty(canary.Calls);

        await tab.GoAsync("/unguarded");
        Assert.Equal("owned", await tab.Page.TitleAsync());
        Assert.Contains("/pixel.png", canary.Calls);
    }

    [Theory]
    [InlineData(375, ColorScheme.Light)]
    [InlineData(375, ColorScheme.Dark)]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    public async Task No_page_scrolls_sideways_and_all_text_stands_out_from_its_ground(int width, ColorScheme scheme)
    {
        await using var site = await WebSite.StartAsync(Letterbox(string.Empty));
        await using var empty = await WebSite.StartAsync(new MemoryMailbox());
        await using var tab = await browser.OpenAsync(site.Address, width, scheme: scheme);
        foreach (var (name, url) in Pages(site.Address, empty.Address))
        {
            await tab.GoAsync(url.ToString());
            await tab.PictureAsync($"{name}-{width}-{scheme}".ToLowerInvariant());
            Assert.True(
                await tab.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"), $"{name} is too wide");
            var faint = await tab.Page.EvaluateAsync<string[]>(FaintText);
            Assert.True(faint.Length == 0, $"{name}: {string.Join("; ", faint)}");
        }

        Assert.DoesNotContain(tab.Complaints, complaint => !complaint.Contains("404", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_keyboard_reaches_the_content_first_and_every_message_after()
    {
        await using var site = await WebSite.StartAsync(Letterbox(string.Empty));
        await using var tab = await browser.OpenAsync(site.Address);
        await tab.GoAsync("/capture");
        await tab.Page.Keyboard.PressAsync("Tab");
        Assert.Equal("Skip to content", await FocusedAsync(tab));
        await tab.Page.Keyboard.PressAsync("Enter");
        await tab.Page.Keyboard.PressAsync("Tab");
        Assert.Contains("Special offer", await FocusedAsync(tab), StringComparison.Ordinal);
        await tab.PictureAsync("focus");
        await tab.Page.Keyboard.PressAsync("Tab");
        Assert.StartsWith("Quarterly figures", await FocusedAsync(tab), StringComparison.Ordinal);
    }

    /// <summary>Texts whose contrast with the nearest opaque ground behind them is under 4.5:1 (WCAG 2.2, 1.4.3).</summary>
    private const string FaintText = """
        () => {
          const parse = c => (c.match(/[\d.]+/g) || []).map(Number);
          const luminance = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
            .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
          const ground = e => {
            for (; e; e = e.parentElement) {
              const c = parse(getComputedStyle(e).backgroundColor);
              if (c.length === 3 || c[3] === 1) return c;
            }
            return [255, 255, 255];
          };
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          const faint = new Set();
          let seen = 0;
          while (walker.nextNode()) {
            const text = walker.currentNode.data.trim();
            if (!text) continue;
            seen++;
            const e = walker.currentNode.parentElement;
            const [a, b] = [luminance(parse(getComputedStyle(e).color)), luminance(ground(e))];
            const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            if (ratio < 4.5) faint.add(`"${text.slice(0, 30)}" ${ratio.toFixed(2)}`);
          }
          return seen === 0 ? ["no text at all"] : [...faint];
        }
        """;

    private static MemoryMailbox Letterbox(string elsewhere)
    {
        var mailbox = new MemoryMailbox();
        mailbox.Add(Letters.Plain);
        mailbox.Add(Letters.Mixed, message => message with { Sender = "bounces+8f3e@news.example", AliasAddress = "news@demo.example" });
        mailbox.Add(Letters.Hostile.Replace("SITE", elsewhere, StringComparison.Ordinal), message => message with
        {
            Sender = string.Empty,
            AliasAddress = "a.very.long.local.part.that.goes.on.and.on.without.any.break@subdomain.of.a.long.domain.example",
            Size = 48_200_000,
        });
        return mailbox;
    }

    private static IEnumerable<(string Name, Uri Url)> Pages(Uri site, Uri empty) =>
    [
        ("empty", new Uri(empty, "/capture")),
        ("list", new Uri(site, "/capture")),
        ("text", new Uri(site, "/capture/1-0")),
        ("mixed", new Uri(site, "/capture/2-0")),
        ("html", new Uri(site, "/capture/2-0/html")),
        ("hostile", new Uri(site, "/capture/3-0/html")),
        ("headers", new Uri(site, "/capture/1-0/headers")),
        ("source", new Uri(site, "/capture/2-0/source")),
        ("attachments", new Uri(site, "/capture/2-0/attachments")),
        ("missing", new Uri(site, "/capture/9-9")),
    ];

    private static Task<string> FocusedAsync(WatchedPage tab) =>
        tab.Page.EvaluateAsync<string>("document.activeElement.textContent.trim()");
}
