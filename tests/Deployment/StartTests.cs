using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Smtpy.Deployment;

/// <summary>From the committed files to a running site, with the commands of the documents as they stand there.</summary>
[Stage(1)]
public sealed class StartTests(Site site)
{
    [Theory]
    [InlineData("POSTGRES_PASSWORD")]
    [InlineData("REDIS_PASSWORD")]
    [InlineData("SECRET_KEY")]
    public async Task A_missing_secret_stops_the_start_with_its_name(string missing)
    {
        string[] secrets = ["POSTGRES_PASSWORD", "REDIS_PASSWORD", "SECRET_KEY"];
        var result = await site.TryAsync(
            "docker compose -f docker-compose.prod.yml up -d", [.. secrets.Select(name => (name, name == missing ? null : "x"))]);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(missing, result.Error, StringComparison.Ordinal);
        Assert.Contains(".env.production", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_template_becomes_the_settings_by_its_own_commands()
    {
        await site.RunAsync("cp .env.production.template .env.production");
        await site.RunAsync("chmod 600 .env.production");
        await site.RunAsync(
            """for name in POSTGRES_PASSWORD REDIS_PASSWORD SECRET_KEY; do sed -i "s|^$name=\$|$name=$(openssl rand -base64 32)|" .env.production; done""");
        site.Set("SMTP_HOSTNAME", "mx." + Site.AliasDomain);
        site.Set("PUBLIC_URL", "https://localhost");
        site.Set("SMTP_DELIVERY", "mx");
        site.Set("DNS_SERVER", World.Resolver);

        // This machine's own connections come from the bridge; the load is not to be taken for a spammer's.
        site.Set("SMTP_LIMIT_EXEMPT", "172.28.0.1/32");
        await site.ComposeAsync("config --quiet");
    }

    [Fact]
    public async Task The_images_build_from_the_committed_files()
    {
        var started = Stopwatch.GetTimestamp();
        await site.ComposeAsync("build");
        site.Measured.Add(GuideRow.FullDeployment, $"build {Seconds(started)} with what this machine had cached");
    }

    [Theory]
    [InlineData("api", 175, 130)]
    [InlineData("smtp", 150, 125)]
    [InlineData("frontend", 60, 60)]
    public async Task An_image_is_no_larger_than_promised(string name, int most, int aim)
    {
        // The unpacked layers; what "docker images" shows depends on the engine's storage.
        var history = await Docker.RunAsync("history", "--no-trunc", "--human=false", "--format", "{{.Size}}", $"smtpy-{name}:latest");
        var size = history.Split('\n').Sum(static line => long.Parse(line, CultureInfo.InvariantCulture)) / 1e6;
        site.Measured.Add(GuideRow.ImageSizes, string.Create(CultureInfo.InvariantCulture, $"`smtpy-{name}` {size:0} MB (at most {most}, aim {aim})"));
        Assert.InRange(size, 1, most);
    }

    [Fact]
    public async Task All_five_services_become_healthy()
    {
        var started = Stopwatch.GetTimestamp();
        await site.ComposeAsync("up -d");
        foreach (var (service, count) in new[] { ("db", 1), ("redis", 1), ("smtp", 1), ("api", 2), ("frontend", 1) })
        {
            var containers = await site.ContainersAsync(service);
            Assert.Equal(count, containers.Length);
            foreach (var container in containers)
            {
                await site.UntilHealthyAsync(container);
            }
        }

        site.Measured.Add(GuideRow.FullDeployment, $"start {Seconds(started)}, empty database");
    }

    [Fact]
    public async Task The_database_is_migrated_and_both_roles_agree_on_it()
    {
        var tables = await site.ComposeAsync("exec -T db psql -U smtpy -d smtpy -Atc \"SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'\"");
        Assert.InRange(int.Parse(tables, CultureInfo.InvariantCulture), 8, 1000);
        using var web = new Web();
        var (status, text) = await web.GetAsync("health/ready");
        Assert.True(status == System.Net.HttpStatusCode.OK, text);
        site.Measured.Add(GuideRow.Migrations, $"{tables} tables, made once; both roles agree");
    }

    [Fact]
    public async Task The_verification_script_finds_all_well()
    {
        await site.World.StartAsync();
        var started = Stopwatch.GetTimestamp();
        await site.RunAsync("./scripts/verify-deployment.sh");
        site.Measured.Add(GuideRow.Connectivity, "all nine steps pass, " + Seconds(started));
    }

    internal static string Seconds(long started) =>
        string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s");
}
