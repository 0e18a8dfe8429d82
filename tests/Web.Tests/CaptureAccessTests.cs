using System.Net;
using Smtpy.Web.Tests.Site;

namespace Smtpy.Web.Tests;

public sealed class CaptureAccessTests
{
    private static readonly IPAddress Stranger = IPAddress.Parse("203.0.113.9");
    private static readonly WebOptions Open = new() { CaptureAccess = new CaptureAccess { AllowRemote = true } };

    [Theory]
    [InlineData("/capture")]
    [InlineData("/capture/1-0")]
    [InlineData("/capture/1-0/html/body")]
    [InlineData("/capture/1-0/source.eml")]
    [InlineData("/capture/1-0/nothing")]
    public async Task A_client_on_another_machine_is_told_which_setting_lets_it_in(string path)
    {
        await using var site = await StartAsync(remoteAddress: Stranger);
        using var response = await site.GetAsync(path);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        var page = await WebSite.ReadAsync(response);
        Assert.Equal("CAPTURE_WEB=any", page.QuerySelector(".command")!.TextContent);
        Assert.DoesNotContain("order", page.Body!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_on_another_machine_is_let_in_when_the_operator_says_so()
    {
        await using var site = await StartAsync(Open, Stranger);
        using var response = await site.GetAsync("/capture", host: "192.0.2.1:8000");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.8.8")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    public async Task Every_loopback_address_is_this_machine(string address)
    {
        await using var site = await StartAsync(remoteAddress: IPAddress.Parse(address));
        using var response = await site.GetAsync("/capture");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("X-Forwarded-For")]
    [InlineData("Forwarded")]
    [InlineData("X-Real-IP")]
    [InlineData("Via", "1.1 proxy")]
    public async Task A_proxy_on_this_machine_does_not_make_its_clients_local(string header, string value = "203.0.113.9")
    {
        await using var site = await StartAsync();
        using var response = await site.GetAsync("/capture", header: new(header, value));
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST:8000", true)]
    [InlineData("127.0.0.1:8000", true)]
    [InlineData("[::1]:8000", true)]
    [InlineData("mail.example.org", true)]
    [InlineData("evil.example", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("192.0.2.1", false)]
    public async Task Only_own_names_are_answered_so_that_a_rebound_name_gets_nothing(string host, bool answered)
    {
        await using var site = await StartAsync(new WebOptions { PublicUrl = new Uri("https://mail.example.org/") });
        using var response = await site.GetAsync("/capture/1-0", host);
        Assert.Equal(answered ? HttpStatusCode.OK : HttpStatusCode.Forbidden, response.StatusCode);
        var text = (await WebSite.ReadAsync(response)).Body!.TextContent;
        Assert.Equal(answered, text.Contains("Your order", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_foreign_name_is_refused_even_where_remote_clients_are_welcome()
    {
        await using var site = await StartAsync(Open, Stranger);
        using var response = await site.GetAsync("/capture", host: "evil.example");
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Theory]
    [InlineData("/capture")]
    [InlineData("/capture/1-0")]
    [InlineData("/capture/9-9")]
    [InlineData("/capture/1-0/source.eml")]
    public async Task Every_answer_fences_itself_in(string path)
    {
        await using var site = await StartAsync();
        using var response = await site.GetAsync(path);
        Assert.Equal(
            "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'none'; frame-src 'self'; form-action 'self'; "
            + "base-uri 'none'; frame-ancestors 'none'",
            Assert.Single(response.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
        Assert.True(response.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task Assets_are_named_by_content_cached_for_ever_and_revalidated_by_tag()
    {
        await using var site = await StartAsync();
        var page = await site.OpenAsync("/capture");
        var links = page.QuerySelectorAll("link[rel=stylesheet], link[rel=icon]").Select(e => e.GetAttribute("href")!).ToArray();
        Assert.Equal(2, links.Length);
        foreach (var link in links)
        {
            Assert.Matches("^/assets/[a-z]+\\.[0-9a-f]{16}\\.(css|svg)$", link);
            using var response = await site.GetAsync(link);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("public, max-age=31536000, immutable", response.Headers.CacheControl?.ToString());
            using var again = new HttpRequestMessage(HttpMethod.Get, link);
            again.Headers.IfNoneMatch.Add(response.Headers.ETag!);
            using var unchanged = await site.Client.SendAsync(again, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        }
    }

    private static Task<WebSite> StartAsync(WebOptions? options = null, IPAddress? remoteAddress = null)
    {
        var mailbox = new MemoryMailbox();
        mailbox.Add(Letters.Plain);
        return WebSite.StartAsync(mailbox, options, remoteAddress);
    }
}
