using System.Globalization;
using System.Net;
using System.Text.Json;
using Smtpy.Tests.Support;

namespace Smtpy.Deployment;

/// <summary>
/// Asks through the frontend, over and over, and counts what was not answered as it should be: health without a key, the list of
/// aliases with one, and new aliases. Each counts for itself: nginx asks another replica where one fails, but not with a POST.
/// </summary>
internal sealed class RequestLoad(string key)
{
    /// <summary>Slow enough for the limits that every client has (20 a second), and every key (300 a minute).</summary>
    private static readonly TimeSpan HealthInterval = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan ReadInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan WriteInterval = TimeSpan.FromSeconds(1);

    private readonly string _prefix = string.Create(CultureInfo.InvariantCulture, $"made-{Guid.NewGuid().ToString("N")[..8]}-");
    private readonly RequestTally _health = new();
    private readonly RequestTally _reads = new();
    private readonly RequestTally _writes = new();
    private int _sent;

    /// <summary>Requests that may be repeated, and that nginx repeats: health and lists.</summary>
    public int Failed => _health.Failed + _reads.Failed;

    public int FailedWrites => _writes.Failed;

    public int Reads => _reads.Answered;

    public int Writes => _writes.Answered;

    public bool SucceedsNow => _health.SucceedsNow;

    public Task RunAsync(CancellationToken stop) => Task.WhenAll(
        RepeatAsync(HealthInterval, null, AskHealthAsync, stop),
        RepeatAsync(ReadInterval, key, AskAliasesAsync, stop),
        RepeatAsync(WriteInterval, key, MakeAliasAsync, stop));

    /// <summary>How many of the aliases that were made are there.</summary>
    public async Task<int> CountMadeAsync()
    {
        using var web = new Web { Key = key };
        var text = "";
        await Until.TrueAsync(
            "the aliases that were made are listed",
            async () =>
            {
                (var status, text) = await web.GetAsync($"api/v1/aliases?filter[search]={_prefix}&page[size]=1");
                return status == HttpStatusCode.OK;
            });
        using var list = JsonDocument.Parse(text);
        return list.RootElement.GetProperty("meta").GetProperty("total").GetInt32();
    }

    public override string ToString()
    {
        var failed = Failed + FailedWrites;
        var ending = failed == 0 ? "none failed"
            : $"{failed} failed ({string.Join("; ", new[] { _health.Failures("health"), _reads.Failures("lists"), _writes.Failures("writes") }.Where(static f => f.Length > 0))})";
        return string.Create(
            CultureInfo.InvariantCulture, $"{_health.Answered + Reads + Writes} answered, {ending}; of them {Reads + Writes} with a key, {Writes} writes");
    }

    private static async Task RepeatAsync(TimeSpan interval, string? key, Func<Web, Task> ask, CancellationToken stop)
    {
        using var web = new Web { Key = key };
        while (!stop.IsCancellationRequested)
        {
            await ask(web);
            await Task.Delay(interval, CancellationToken.None);
        }
    }

    private Task AskHealthAsync(Web web) => _health.CountAsync(
        () => web.SendAsync(HttpMethod.Get, "health"), static (answer, _) => answer.Status == HttpStatusCode.OK);

    private Task AskAliasesAsync(Web web) => _reads.CountAsync(
        () => web.SendAsync(HttpMethod.Get, "api/v1/aliases?page[size]=5"), static (answer, _) => answer.Status == HttpStatusCode.OK);

    private Task MakeAliasAsync(Web web)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{_prefix}{Interlocked.Increment(ref _sent)}");
        var json = $$"""{"domain":"{{Site.AliasDomain}}","format":"custom","local_part":"{{name}}","description":"under load"}""";

        // Of a request that was repeated, the first may have been worked on after all.
        return _writes.CountAsync(
            () => web.SendAsync(HttpMethod.Post, "api/v1/aliases", json),
            static (answer, repeated) => answer.Status == HttpStatusCode.Created
                || (repeated && answer.Status == HttpStatusCode.UnprocessableEntity && answer.Text.Contains("already been taken", StringComparison.Ordinal)));
    }
}
