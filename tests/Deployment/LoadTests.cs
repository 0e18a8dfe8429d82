using System.Diagnostics;
using System.Globalization;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.Deployment;

/// <summary>All that the site can take for a while: nothing is lost, nothing reaches its limits. The figures are for the guide.</summary>
[Stage(6)]
public sealed class LoadTests(Site site)
{
    private const int Senders = 20;

    /// <summary>Long enough for batches to form.</summary>
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(6);

    [Fact]
    public async Task Mail_from_many_senders_at_once_all_arrives_within_the_limits()
    {
        using var stop = new CancellationTokenSource();
        var mail = new AccountedLoad(25, site.LoadAliases);
        var started = Stopwatch.GetTimestamp();
        var sending = mail.RunAsync(Senders, stop.Token);
        await Task.Delay(Duration, TestContext.Current.CancellationToken);
        var usage = await Docker.RunAsync("stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}} {{.CPUPerc}}");
        await stop.CancelAsync();
        await sending;
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await Until.TrueAsync(
            "all accepted messages arrived",
            async () => (await World.MailboxAsync("load")).IsSupersetOf(mail.Accepted.Keys), TimeSpan.FromMinutes(3));
        var delivered = Stopwatch.GetElapsedTime(started).TotalSeconds;

        var own = usage.Split('\n').Where(static line => line.StartsWith(Site.Project + "-", StringComparison.Ordinal) && !line.Contains("world", StringComparison.Ordinal));
        site.Measured.Add(GuideRow.Throughput, string.Create(
            CultureInfo.InvariantCulture,
            $"{Senders} senders at once for {seconds:0} s, sender, site and destination on one machine: {mail.Accepted.Count / seconds:0} messages a second accepted, {mail.Refused} refused, all {mail.Accepted.Count} in the destination's Maildir after {delivered:0} s"));
        site.Measured.Add(GuideRow.Usage, string.Join("; ", own));
        foreach (var service in new[] { "db", "redis", "smtp", "api", "frontend" })
        {
            foreach (var container in await site.ContainersAsync(service))
            {
                Assert.False((await Docker.InspectAsync(container)).GetProperty("State").GetProperty("OOMKilled").GetBoolean(), container);
            }
        }
    }
}
