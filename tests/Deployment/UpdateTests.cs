using System.Diagnostics;
using System.Globalization;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.Deployment;

/// <summary>A new release and the way back, under load.</summary>
[Stage(4)]
public sealed class UpdateTests(Site site)
{
    [Fact]
    public async Task Two_releases_are_there()
    {
        // Of the same content, told apart by a label: what is tested is how containers are exchanged. That an older program works on
        // a newer schema is tested in Core.Tests, from the previous migration.
        foreach (var tag in new[] { "v1.0.0", "v1.1.0" })
        {
            foreach (var image in new[] { "api", "smtp", "frontend" })
            {
                await site.RunAsync($"printf 'FROM smtpy-{image}:latest\\nLABEL release={tag}\\n' | docker build --quiet --tag smtpy-{image}:{tag} -");
            }
        }
    }

    [Theory]
    [InlineData("v1.1.0", "update")]
    [InlineData("v1.0.0", "rollback")]
    public async Task Replicas_are_exchanged_without_a_failed_request_or_a_lost_message(string tag, string what)
    {
        using var stop = new CancellationTokenSource();
        var mail = site.SteadyMail();
        var requests = new RequestLoad(site.ApiKey);
        var sending = Task.WhenAll(mail.RunAsync(2, stop.Token), requests.RunAsync(stop.Token));
        await Until.TrueAsync("mail flows", () => mail.Accepted.Count > 20);

        var started = Stopwatch.GetTimestamp();
        await site.RunAsync($"./scripts/update.sh {tag}");
        var took = StartTests.Seconds(started);
        var accepted = mail.Accepted.Count;
        await Until.TrueAsync("mail flows again", () => mail.Accepted.Count > accepted + 20);
        await stop.CancelAsync();
        await sending;
        HashSet<string> arrived = [];
        await Until.TrueAsync(
            "all accepted messages arrived",
            async () => (arrived = await World.MailboxAsync("load")).IsSupersetOf(mail.Accepted.Keys), TimeSpan.FromMinutes(2));

        site.Measured.Add(GuideRow.Update, string.Create(
            CultureInfo.InvariantCulture, $"{what} (`scripts/update.sh {tag}`): {took}; requests: {requests}; {mail.Accepted.Count} messages accepted, none lost"));
        Assert.True(requests.Failed == 0 && requests.FailedWrites == 0, requests.ToString());
        Assert.True(requests is { Reads: > 0, Writes: > 0 }, requests.ToString());
        Assert.Equal(requests.Writes, await requests.CountMadeAsync());
        foreach (var service in new[] { "api", "smtp" })
        {
            foreach (var container in await site.ContainersAsync(service))
            {
                Assert.Equal($"smtpy-{service}:{tag}", (await Docker.InspectAsync(container)).GetProperty("Config").GetProperty("Image").GetString());
            }
        }
    }

    [Fact]
    public async Task The_plain_commands_change_the_release_too()
    {
        await site.RunAsync("export TAG=v1.1.0 && docker compose -f docker-compose.prod.yml up -d");
        foreach (var service in new[] { "db", "redis", "smtp", "api", "frontend" })
        {
            foreach (var container in await site.ContainersAsync(service))
            {
                await site.UntilHealthyAsync(container);
            }
        }

        var api = (await site.ContainersAsync("api"))[0];
        Assert.Equal("smtpy-api:v1.1.0", (await Docker.InspectAsync(api)).GetProperty("Config").GetProperty("Image").GetString());
        await site.RunAsync("./scripts/update.sh latest");
    }

    [Fact]
    public async Task A_release_that_does_not_come_up_changes_nothing()
    {
        await site.RunAsync("printf 'FROM smtpy-api:latest\\nCMD [\"serve\", \"--role\", \"nonsense\"]\\n' | docker build --quiet --tag smtpy-api:broken -");
        await site.RunAsync("for image in smtp frontend; do docker tag smtpy-$image:latest smtpy-$image:broken; done");
        var before = await site.ContainersAsync("api");
        var result = await site.TryAsync("UPDATE_PATIENCE=20 ./scripts/update.sh --no-backup broken");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("the old ones go on", result.Error, StringComparison.Ordinal);
        Assert.Equal(before, await site.ContainersAsync("api"));
        using var web = new Web();
        Assert.Equal(System.Net.HttpStatusCode.OK, (await web.GetAsync("health")).Status);
    }

    /// <summary>Replicas of the new release run already when its mail service turns out not to start: all go back.</summary>
    [Fact]
    public async Task A_release_whose_mail_service_does_not_come_up_is_taken_back_whole()
    {
        await site.RunAsync("printf 'FROM smtpy-smtp:latest\nCMD [\"serve\", \"--role\", \"nonsense\"]\n' | docker build --quiet --tag smtpy-smtp:mute -");
        await site.RunAsync("printf 'FROM smtpy-api:latest\nLABEL release=mute\n' | docker build --quiet --tag smtpy-api:mute -");
        await site.RunAsync("docker tag smtpy-frontend:latest smtpy-frontend:mute");
        var settings = await File.ReadAllTextAsync(site.Secrets, TestContext.Current.CancellationToken);

        var result = await site.TryAsync("UPDATE_PATIENCE=30 ./scripts/update.sh --no-backup mute");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("the new smtp did not become healthy; the release before runs again: smtpy-smtp:latest", result.Error, StringComparison.Ordinal);
        Assert.Equal(settings, await File.ReadAllTextAsync(site.Secrets, TestContext.Current.CancellationToken));
        foreach (var service in new[] { "api", "smtp" })
        {
            foreach (var container in await site.ContainersAsync(service))
            {
                Assert.Equal($"smtpy-{service}:latest", (await Docker.InspectAsync(container)).GetProperty("Config").GetProperty("Image").GetString());
                await site.UntilHealthyAsync(container);
            }
        }

        await site.RunAsync("echo | openssl s_client -connect 127.0.0.1:25 -starttls smtp 2>/dev/null | openssl x509 -noout");
    }
}
