using System.Diagnostics;
using System.Globalization;
using System.Net;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.Deployment;

/// <summary>Each container crashes in turn (SIGKILL to its process, from outside the engine) while mail and requests go on.</summary>
[Stage(7)]
public sealed class FailoverTests(Site site) : IAsyncLifetime
{
    private readonly CancellationTokenSource _stop = new();
    private AccountedLoad _mail = new(25, []);
    private RequestLoad _requests = new("");
    private Task _sending = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _mail = site.SteadyMail();
        _requests = new RequestLoad(site.ApiKey);
        _sending = Task.WhenAll(_mail.RunAsync(2, _stop.Token), _requests.RunAsync(_stop.Token));
        await MailFlowsAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sending;
        _stop.Dispose();
    }

    [Theory]
    [InlineData("api", 0)]
    [InlineData("api", 1)]
    public async Task An_api_replica_crashes_and_no_request_fails(string service, int index)
    {
        var name = (await site.ContainersAsync(service))[index];
        var recovery = await CrashAsync(name);
        await SettleAsync($"{service} replica {index + 1} killed", recovery, "all reads were answered, mail went on");
        Assert.True(_requests.Failed == 0, _requests.ToString());
    }

    [Fact]
    public async Task Redis_crashes_and_service_goes_on()
    {
        var recovery = await CrashAsync(Assert.Single(await site.ContainersAsync("redis")));
        await SettleAsync("redis killed", recovery, "all reads were answered, mail went on");
        Assert.True(_requests.Failed == 0, _requests.ToString());
    }

    [Fact]
    public async Task The_mail_service_crashes_and_comes_back_and_loses_nothing()
    {
        var recovery = await CrashAsync(Assert.Single(await site.ContainersAsync("smtp")));
        await SettleAsync("smtp killed", recovery, "port 25 refused meanwhile, senders tried again");
        Assert.True(_requests.Failed == 0, _requests.ToString());
    }

    [Fact]
    public async Task The_database_crashes_and_everything_recovers_and_nothing_is_lost()
    {
        var recovery = await CrashAsync(Assert.Single(await site.ContainersAsync("db")));
        await Until.TrueAsync("requests are answered again", () => _requests.SucceedsNow);
        await SettleAsync("db killed", recovery, "mail answered 451 meanwhile");
    }

    [Fact]
    public async Task The_frontend_crashes_and_comes_back_and_mail_does_not_notice()
    {
        var recovery = await CrashAsync(Assert.Single(await site.ContainersAsync("frontend")));
        await Until.TrueAsync("requests are answered again", () => _requests.SucceedsNow);
        await SettleAsync("frontend killed", recovery, "mail went on");
        Assert.Equal(0, _mail.Refused);
    }

    private async Task<TimeSpan> CrashAsync(string container)
    {
        var started = (await Docker.InspectAsync(container)).GetProperty("State").GetProperty("StartedAt").GetString();
        var crash = Stopwatch.GetTimestamp();
        await Docker.CrashAsync(container);
        await Until.TrueAsync(
            container + " was started again",
            async () => (await Docker.InspectAsync(container)).GetProperty("State").GetProperty("StartedAt").GetString() != started);
        await site.UntilHealthyAsync(container);
        return Stopwatch.GetElapsedTime(crash);
    }

    /// <summary>Mail flows again; then the load stops, and everything that was answered 250 has to be in the Maildir.</summary>
    private async Task SettleAsync(string what, TimeSpan recovery, string meanwhile)
    {
        await MailFlowsAsync();
        await _stop.CancelAsync();
        await _sending;
        HashSet<string> arrived = [];
        try
        {
            await Until.TrueAsync(
                "all accepted messages arrived",
                async () => (arrived = await World.MailboxAsync("load")).IsSupersetOf(_mail.Accepted.Keys), TimeSpan.FromMinutes(2));
        }
        catch (TimeoutException)
        {
            // Named below.
        }

        var lost = _mail.Accepted.Keys.Except(arrived, StringComparer.Ordinal).ToArray();
        site.Measured.Add(GuideRow.Failover, string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: healthy again after {recovery.TotalSeconds:0.0} s; {meanwhile}; {_mail.Accepted.Count} messages accepted, {lost.Length} lost; requests: {_requests}"));
        var made = await _requests.CountMadeAsync();
        Assert.True(made >= _requests.Writes, $"{_requests.Writes} aliases were made, {made} are there");
        if (lost.Length > 0)
        {
            Assert.Fail($"lost: {string.Join(' ', lost.Take(10))}\n{await site.SmtpyAsync("queue list --limit 20")}");
        }
    }

    private async Task MailFlowsAsync()
    {
        var before = _mail.Accepted.Count;
        await Until.TrueAsync(
            $"messages are accepted (refusals so far: {string.Join("; ", _mail.Refusals.Keys)})", () => _mail.Accepted.Count >= before + 20);
    }
}
