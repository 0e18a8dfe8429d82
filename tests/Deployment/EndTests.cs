using System.Net;
using Xunit;

namespace Smtpy.Deployment;

/// <summary>The end, and the same program for development.</summary>
[Stage(10)]
public sealed class EndTests(Site site)
{
    [Fact]
    public async Task Down_leaves_no_container_and_keeps_the_data()
    {
        await World.RemoveAsync();
        await site.ComposeAsync("down");
        Assert.Equal("", await Docker.RunAsync("ps", "--all", "--quiet", "--filter", "label=com.docker.compose.project=" + Site.Project));
        Assert.Contains("smtpy_postgres_data", await Docker.RunAsync("volume", "ls", "--quiet"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task For_development_one_command_starts_everything_without_settings()
    {
        File.Move(site.Secrets, site.Secrets + ".away");
        try
        {
            await site.RunAsync("docker compose up --build --detach --wait");
            using var client = new HttpClient();
            using var answer = await client.GetAsync(new Uri("http://127.0.0.1:8000/health"), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            await site.RunAsync("docker compose exec -T smtpy smtpy selftest");
        }
        finally
        {
            await site.TryAsync("docker compose down --volumes");
            File.Move(site.Secrets + ".away", site.Secrets);
        }
    }
}
