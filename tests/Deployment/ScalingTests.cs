using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Smtpy.Tests.Support;
using Xunit;

namespace Smtpy.Deployment;

/// <summary>The same requests with one, two and three API replicas. How fast is measured only: all share this machine's cores.</summary>
[Stage(6)]
public sealed class ScalingTests(Site site)
{
    private const string Path = "api/v1/aliases";

    /// <summary>Below what the frontend takes from one client at once (200 beyond its 50 a second), and a key in a minute (300).</summary>
    private const int Requests = 150;

    private const int AtOnce = 15;

    /// <summary>In which the frontend lets the next ones come.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(4);

    [Fact]
    public async Task Every_replica_that_there_is_answers_some_requests_and_none_fails()
    {
        var rates = new List<string>();
        try
        {
            foreach (var count in new[] { 1, 2, 3 })
            {
                await ScaleAsync(count);
                var replicas = await ReplicasAsync();
                var since = TimeProvider.System.GetUtcNow();

                // Those that have just started are warm after the first round, which is not counted.
                await AskAsync();
                var seconds = await AskAsync() + await AskAsync();
                rates.Add(string.Create(CultureInfo.InvariantCulture, $"{count}: {2 * Requests / seconds:0}"));
                await Until.TrueAsync(
                    $"each of {string.Join(' ', replicas)} answered some",
                    async () => replicas.ToHashSet(StringComparer.Ordinal).IsSubsetOf(await AnsweredAsync(since)));
            }
        }
        finally
        {
            await ScaleAsync(2);
        }

        site.Measured.Add(GuideRow.Scaling, $"requests a second with so many replicas: {string.Join(", ", rates)}; none failed, every replica answered");
    }

    private async Task ScaleAsync(int count)
    {
        await site.RunAsync(string.Create(
            CultureInfo.InvariantCulture, $"docker compose -f docker-compose.prod.yml up -d --wait --no-recreate --scale api={count}"));
        await Until.TrueAsync(
            string.Create(CultureInfo.InvariantCulture, $"the frontend uses {count} replicas"),
            async () => (await ReplicasAsync()).Length == count);
    }

    private async Task<string[]> ReplicasAsync() =>
        (await site.ComposeAsync("exec -T frontend /usr/local/bin/frontend.sh replicas")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <returns>Seconds.</returns>
    private async Task<double> AskAsync()
    {
        using var key = JsonDocument.Parse(await site.SmtpyAsync($"apikey create --user {Site.Owner} --name scaling --scope read --expires 1 --json"));
        await Task.Delay(Pause, TestContext.Current.CancellationToken);
        using var web = new Web { Key = key.RootElement.GetProperty("token").GetString() };
        var tally = new RequestTally();
        var started = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Requests),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = TestContext.Current.CancellationToken },
            async (_, _) => await tally.CountAsync(
                () => web.SendAsync(HttpMethod.Get, Path + "?page[size]=5"), static (answer, _) => answer.Status == System.Net.HttpStatusCode.OK));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Assert.True(tally is { Failed: 0, Answered: Requests }, tally.Failures("requests"));
        return seconds;
    }

    /// <summary>By the frontend's log, which names the replica of each request.</summary>
    private async Task<HashSet<string>> AnsweredAsync(DateTimeOffset since)
    {
        var container = Assert.Single(await site.ContainersAsync("frontend"));
        var log = await Docker.RunAsync("logs", "--since", since.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture), container);
        var answered = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in log.Split('\n').Where(static line => line.Contains($"\"path\":\"/{Path}\"", StringComparison.Ordinal)))
        {
            using var request = JsonDocument.Parse(line);
            answered.Add(request.RootElement.GetProperty("replica").GetString()!.Split(':')[0]);
        }

        return answered;
    }
}
