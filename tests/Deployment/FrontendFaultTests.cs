using System.Net;
using Smtpy.Tests.Support;
using Xunit;

namespace Smtpy.Deployment;

/// <summary>What goes wrong around the frontend must not cut it off. Late, because its log tells of it for a while.</summary>
[Stage(9)]
public sealed class FrontendFaultTests(Site site)
{
    [Fact]
    public async Task A_broken_certificate_changes_nothing_and_replicas_are_still_followed()
    {
        var before = await FrontendTests.CertificateAsync("443");
        const string folder = "$(docker volume inspect -f '{{.Mountpoint}}' smtpy_certificates)";
        await site.RunAsync($"cp -a {folder} kept && echo broken > {folder}/privkey.pem");
        try
        {
            await site.RunAsync("docker compose -f docker-compose.prod.yml up -d --wait --no-recreate --scale api=3");
            await Until.TrueAsync(
                "the frontend uses the third replica",
                async () => (await site.ComposeAsync("exec -T frontend /usr/local/bin/frontend.sh replicas")).Split('\n').Length == 3);
            Assert.Equal(before, await FrontendTests.CertificateAsync("443"));
        }
        finally
        {
            await site.RunAsync($"cp -a kept/. {folder}/ && rm -r kept");
            await site.RunAsync("docker compose -f docker-compose.prod.yml up -d --wait --no-recreate --scale api=2");
        }
    }

    [Fact]
    public async Task While_no_replica_answers_people_get_a_page_and_programs_an_object()
    {
        await site.ComposeAsync("stop api");
        try
        {
            using var web = new Web { Key = site.ApiKey };
            await Until.TrueAsync(
                "the API is away", async () => (await web.GetAsync("api/v1/aliases")).Status == HttpStatusCode.ServiceUnavailable);
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post })
            {
                using var answer = await web.SendAsync(method, "api/v1/aliases", method == HttpMethod.Post ? "{}" : null);
                Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
                Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
                Assert.Contains("\"message\":", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
                Assert.NotNull(answer.Headers.RetryAfter);
            }

            using var page = await web.SendAsync(HttpMethod.Get, "capture");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, page.StatusCode);
            Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
            Assert.Contains("Back in a moment", await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            Assert.NotNull(page.Headers.RetryAfter);
            Assert.Equal(HttpStatusCode.OK, (await web.GetAsync("maintenance/maintenance.css")).Status);
            Assert.Equal(HttpStatusCode.OK, (await web.GetAsync("frontend/health")).Status);
        }
        finally
        {
            await site.RunAsync("docker compose -f docker-compose.prod.yml up -d --wait --no-recreate --scale api=2");
        }

        using var again = new Web { Key = site.ApiKey };
        await Until.TrueAsync("the API answers again", async () => (await again.GetAsync("api/v1/aliases")).Status == HttpStatusCode.OK);
    }
}
