using System.Net;
using Smtpy.Tests.Support.Processes;
using Xunit;

namespace Smtpy.Deployment;

/// <summary>What nginx adds: TLS, HTTP/2, caching, security headers, limits.</summary>
[Stage(3)]
public sealed class FrontendTests(Site site)
{
    [Fact]
    public async Task Pages_come_over_http_2_with_security_headers_and_plain_http_is_sent_there()
    {
        using var web = new Web();
        using var page = await web.SendAsync(HttpMethod.Get, "health");
        Assert.Equal(HttpVersion.Version20, page.Version);
        foreach (var name in new[] { "Strict-Transport-Security", "X-Content-Type-Options", "Content-Security-Policy", "Referrer-Policy", "X-Frame-Options" })
        {
            Assert.True(page.Headers.Contains(name) || page.Content.Headers.Contains(name), name + " is missing");
        }

        var plain = await site.RunAsync("curl -sS -o /dev/null -w '%{http_code} %{redirect_url}' http://localhost/somewhere");
        Assert.Equal("308 https://localhost/somewhere", plain);
    }

    [Fact]
    public async Task The_APIs_description_and_its_page_come_through()
    {
        using var web = new Web();
        var (status, text) = await web.GetAsync("api/v1/openapi.json");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("/api/v1/aliases", text, StringComparison.Ordinal);
        using var page = await web.SendAsync(HttpMethod.Get, "api/docs/");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);

        // Two policies would allow only what both do.
        Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
    }

    [Fact]
    public async Task Metrics_are_not_shown_to_the_world()
    {
        using var web = new Web();
        foreach (var spelling in new[] { "metrics", "metrics/", "Metrics", "METRICS/x" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await web.GetAsync(spelling)).Status);
        }
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused()
    {
        using var web = new Web { Key = site.ApiKey };
        using var answer = await web.SendAsync(HttpMethod.Post, "api/v1/aliases", "\"" + new string('x', 11 * 1024 * 1024) + "\"");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task A_new_certificate_is_taken_up_by_web_and_mail_without_a_restart()
    {
        var before = await CertificateAsync("443");
        Assert.Equal(before, await CertificateAsync("25 -starttls smtp"));
        await site.RunAsync(
            """
            set -e
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=mx.alias.test -addext subjectAltName=DNS:mx.alias.test \
                -keyout privkey.pem -out fullchain.pem 2>/dev/null
            chmod 644 privkey.pem fullchain.pem
            folder=$(docker volume inspect -f '{{.Mountpoint}}' smtpy_certificates)
            for file in privkey.pem fullchain.pem; do
                install -o 10001 -g 10001 -m 600 $file "$folder/.new" && mv "$folder/.new" "$folder/$file"
            done
            rm privkey.pem fullchain.pem
            """);
        await Tests.Support.Until.TrueAsync(
            "both show the new certificate",
            async () => await CertificateAsync("443") is var web && web != before && web == await CertificateAsync("25 -starttls smtp"),
            TimeSpan.FromSeconds(90));
    }

    internal static async Task<string> CertificateAsync(string where) => (await ChildProcess.RunAsync(
        ["bash", "-c", $"openssl s_client -connect 127.0.0.1:{where} </dev/null 2>/dev/null | openssl x509 -noout -fingerprint"])).Output;
}
