using System.Diagnostics;
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
    public async Task Plain_http_is_sent_to_the_port_that_https_is_published_on()
    {
        var answer = await site.RunAsync(
            """
            docker run --rm --detach --name smtpy-world-port --publish 127.0.0.1:18080:8080 --tmpfs /tmp:uid=10001,gid=10001 --env HTTPS_PORT=8443 smtpy-frontend:latest >/dev/null
            for second in $(seq 30); do
                answer=$(curl -s -o /dev/null -w '%{redirect_url}' http://127.0.0.1:18080/there) && break
                sleep 1
            done
            docker rm --force smtpy-world-port >/dev/null
            echo "$answer"
            """);
        Assert.Equal("https://127.0.0.1:8443/there", answer);
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
    public async Task A_static_file_comes_compressed_and_is_kept_for_a_year()
    {
        var files = await site.ComposeAsync("exec -T frontend ls /usr/share/nginx/smtpy/assets");
        var sheet = files.Split('\n').First(static name => name.EndsWith(".css", StringComparison.Ordinal));
        var plain = await HeadersAsync($"https://localhost/assets/{sheet}");
        var compressed = await HeadersAsync($"--header 'Accept-Encoding: gzip' https://localhost/assets/{sheet}");

        Assert.DoesNotContain("content-encoding", plain, StringComparison.Ordinal);
        Assert.Contains("content-encoding: gzip", compressed, StringComparison.Ordinal);
        Assert.Contains("vary: accept-encoding", compressed, StringComparison.Ordinal);
        Assert.All([plain, compressed], static headers => Assert.Contains("cache-control: public, max-age=31536000, immutable", headers, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_the_API_answers_is_compressed_too()
    {
        Assert.Contains("content-encoding: gzip", await HeadersAsync("--header 'Accept-Encoding: gzip' https://localhost/api/v1/openapi.json"), StringComparison.Ordinal);
    }

    /// <summary>The capture pages answer clients on the API's own machine alone, so they show whom the API takes a client for.</summary>
    [Fact]
    public async Task Whom_a_client_claims_to_be_is_replaced_by_who_it_is()
    {
        const string forged = "--header 'X-Forwarded-For: 127.0.0.1' --header 'Host: localhost'";
        var replica = await Docker.InspectAsync((await site.ContainersAsync("api"))[0]);
        var address = replica.GetProperty("NetworkSettings").GetProperty("Networks").GetProperty("smtpy_public").GetProperty("IPAddress").GetString();

        // From where the frontend is, the claim is believed: else the next line would prove nothing.
        Assert.StartsWith("http/1.1 200", await HeadersAsync($"{forged} http://{address}:8000/capture"), StringComparison.Ordinal);
        Assert.StartsWith("http/2 403", await HeadersAsync($"{forged} https://localhost/capture"), StringComparison.Ordinal);
        Assert.StartsWith(
            "http/2 403", await HeadersAsync($"{forged} --header 'X-Real-IP: 127.0.0.1' --header 'Forwarded: for=127.0.0.1' https://localhost/capture"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_authoritys_challenge_is_answered_on_both_ports()
    {
        await site.RunAsync(
            "folder=$(docker volume inspect -f '{{.Mountpoint}}' smtpy_acme)/.well-known/acme-challenge && mkdir -p \"$folder\" && printf 'token.key' > \"$folder/token\" && chmod -R a+rX \"$folder\"");
        foreach (var origin in new[] { "http://localhost", "https://localhost" })
        {
            Assert.Equal("token.key", await site.RunAsync($"curl -fsSk {origin}/.well-known/acme-challenge/token"));
            Assert.Contains(" 404", (await HeadersAsync($"{origin}/.well-known/acme-challenge/none")).Split('\n')[0], StringComparison.Ordinal);
        }
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
        var started = Stopwatch.GetTimestamp();
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
            async () => await CertificateAsync("443") is var web && web != before && web == await CertificateAsync("25 -starttls smtp"));
        site.Measured.Add(GuideRow.Certificate, $"both serve the new certificate after {StartTests.Seconds(started)}");
    }

    /// <summary>Status line and header in small letters: with curl, which neither decompresses nor follows unless told.</summary>
    private async Task<string> HeadersAsync(string curl) =>
        (await site.RunAsync("curl -sSk --max-time 10 --dump-header - --output /dev/null " + curl)).Replace("\r", "", StringComparison.Ordinal).ToLowerInvariant();

    internal static async Task<string> CertificateAsync(string where) => (await ChildProcess.RunAsync(
        ["bash", "-c", $"openssl s_client -connect 127.0.0.1:{where} </dev/null 2>/dev/null | openssl x509 -noout -fingerprint"])).Output;
}
