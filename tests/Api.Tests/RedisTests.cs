using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Smtpy.Core.Accounts;
using Smtpy.Core.Coordination;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;

namespace Smtpy.Api.Tests;

/// <summary>A real Redis that is killed and started again.</summary>
public sealed class RedisTests : IAsyncLifetime
{
    private RedisPeer _redis = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Patient: a Redis that this machine keeps from answering for a moment is not gone.</summary>
    private RedisOptions Options => new()
    {
        Host = "127.0.0.1",
        Port = _redis.Port,
        Password = _redis.Password,
        CommandTimeout = Until.Patience,
        ConnectTimeout = Until.Patience,
    };

    public async ValueTask InitializeAsync() => _redis = await RedisPeer.StartAsync(Cancellation);

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    [Fact]
    public async Task Processes_count_together_and_each_alone_while_Redis_is_gone()
    {
        await using var first = Link();
        await using var second = Link();
        await first.StartAsync(Cancellation);
        await second.StartAsync(Cancellation);
        var time = new StandingTime();
        var (one, other) = (new RedisRateCounter(first, time), new RedisRateCounter(second, time));
        Assert.Equal(1, (await one.CountAsync("a", Cancellation)).Count);
        Assert.Equal(2, (await other.CountAsync("a", Cancellation)).Count);
        Assert.Equal(1, (await other.CountAsync("b", Cancellation)).Count);

        await _redis.KillAsync();
        Assert.Equal(1, (await one.CountAsync("a", Cancellation)).Count);
        Assert.Equal(2, (await one.CountAsync("a", Cancellation)).Count);
        Assert.Equal(1, (await other.CountAsync("a", Cancellation)).Count);
        Assert.False(first.IsUp);

        await _redis.StartAgainAsync(Cancellation);
        await Until.TrueAsync("both are back", () => first.IsUp && second.IsUp, cancellationToken: Cancellation);
        Assert.Equal(1, (await one.CountAsync("c", Cancellation)).Count);
        Assert.Equal(2, (await other.CountAsync("c", Cancellation)).Count);
    }

    [Fact]
    public async Task Signals_reach_other_processes_and_a_gap_is_told()
    {
        await using var first = Link();
        await using var second = Link();
        var (sender, hearer) = (new RedisSignals(first), new RedisSignals(second));
        var heard = new System.Collections.Concurrent.ConcurrentQueue<Signal>();
        hearer.Listen(heard.Enqueue);
        await second.StartAsync(Cancellation);
        Assert.True(await hearer.SubscribeAsync());
        await sender.SendAsync(new Signal(SignalKind.KeyRevoked, "x y"), Cancellation);
        await Until.TrueAsync("it is heard", () => heard.Contains(new Signal(SignalKind.KeyRevoked, "x y")), cancellationToken: Cancellation);

        await _redis.KillAsync();
        await Until.TrueAsync("the loss is seen", () => !second.IsUp && !first.IsUp, cancellationToken: Cancellation);
        await sender.SendAsync(new Signal(SignalKind.RoutingChanged), Cancellation);
        await _redis.StartAgainAsync(Cancellation);
        await Until.TrueAsync("the gap is told", () => heard.Contains(new Signal(SignalKind.Resumed)), cancellationToken: Cancellation);
        await Until.TrueAsync("signals are heard again", async () =>
        {
            await sender.SendAsync(new Signal(SignalKind.RoutingChanged), Cancellation);
            return heard.Contains(new Signal(SignalKind.RoutingChanged));
        }, cancellationToken: Cancellation);
    }

    [Fact]
    public async Task Replicas_read_what_another_sealed_and_keys_are_sealed_at_rest_and_outlive_Redis()
    {
        using var folders = new TempFolder("keys");
        await using var link = Link();
        await link.StartAsync(Cancellation);
        await using var one = Ring(folders.Combine("one"), link, "the same secret");
        await using var other = Ring(folders.Combine("other"), link, "the same secret");
        var sealedText = Protector(one).Protect("hello");
        Assert.Equal("hello", Protector(other).Unprotect(sealedText));
        var file = Assert.Single(Directory.GetFiles(folders.Combine("one")));
        Assert.Contains("sealed", await File.ReadAllTextAsync(file, Cancellation), StringComparison.Ordinal);
        Assert.DoesNotContain("<value>", await File.ReadAllTextAsync(file, Cancellation), StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(folders.Combine("other")));

        await _redis.KillAsync();
        await using var later = Ring(folders.Combine("other"), link, "the same secret");
        Assert.Equal("hello", Protector(later).Unprotect(sealedText));
        await using var stranger = Ring(folders.Combine("other"), link, "another secret");
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => Protector(stranger).Unprotect(sealedText));
    }

    [Fact]
    public async Task The_server_shares_limits_hears_revocations_and_goes_on_without_Redis()
    {
        var settings = new Dictionary<string, string?>(_redis.Settings) { ["API_REQUESTS_PER_KEY"] = "40", ["API_REQUESTS_PER_ADDRESS"] = "1000000" };
        await using var server = new RedisServer(settings);
        await server.InitializeAsync();
        var tenant = await server.AddTenantAsync();
        Assert.Contains("\"redis\":{\"status\":\"healthy\"", (await server.Process.GetAsync("/health/ready", Cancellation)).Text, StringComparison.Ordinal);
        (await tenant.Api.GetAsync("/api/v1/aliases")).Must(HttpStatusCode.OK);

        // Another process uses up the limit of the key; in a minute that has just begun, again.
        await using var link = Link();
        await link.StartAsync(Cancellation);
        var counter = new RedisRateCounter(link, TimeProvider.System);
        await Until.TrueAsync("the limit is reached", async () =>
        {
            await counter.CountAsync("key:" + tenant.Key.Key.Id, Cancellation);
            return (await tenant.Api.GetAsync("/api/v1/aliases")).Status == HttpStatusCode.TooManyRequests;
        }, cancellationToken: Cancellation);
        var refused = await tenant.Api.GetAsync("/api/v1/aliases");
        if (refused.Status == HttpStatusCode.TooManyRequests)
        {
            Assert.Equal("Too Many Attempts.", refused.MustFail(HttpStatusCode.TooManyRequests).Message);
            Assert.InRange(int.Parse(refused.Headers["Retry-After"], System.Globalization.CultureInfo.InvariantCulture), 1, 60);
            Assert.Equal("0", refused.Headers["X-RateLimit-Remaining"]);
        }

        await _redis.KillAsync();
        await Until.TrueAsync("the loss is shown", async () =>
        {
            var (status, text) = await server.Process.GetAsync("/health/ready", Cancellation);
            Assert.Equal(HttpStatusCode.OK, status);
            return text.Contains("\"redis\":{\"status\":\"degraded\"", StringComparison.Ordinal);
        }, cancellationToken: Cancellation);
        var second = await server.AddTenantAsync();
        (await second.Api.GetAsync("/api/v1/aliases")).Must(HttpStatusCode.OK);
        (await second.Api.PostAsync("/api/v1/aliases", new { domain = second.Domain })).Must(HttpStatusCode.Created);

        await _redis.StartAgainAsync(Cancellation);
        await Until.TrueAsync("it is used again", async () =>
            (await server.Process.GetAsync("/health/ready", Cancellation)).Text.Contains("\"redis\":{\"status\":\"healthy\"", StringComparison.Ordinal), cancellationToken: Cancellation);

        // Log lines are written in batches. One for each change: where this machine keeps Redis from answering for a moment, there are more.
        await Until.TrueAsync("the second beginning is logged", () => Changes(server).TrimStart('+') is ['-', '+', ..], cancellationToken: Cancellation);
        Assert.Matches(@"^(\+-)*\+?$", Changes(server));
        Assert.DoesNotContain(_redis.Password, server.Process.Log, StringComparison.Ordinal);

        await Until.TrueAsync("a revocation is heard before the key would be forgotten", () => IsHeardOfAsync(server), cancellationToken: Cancellation);
    }

    /// <summary>What the log says of Redis: "+" for an end of an outage or the first answer, "-" for an outage.</summary>
    private static string Changes(RedisServer server) => string.Concat(
        Regex.Matches(server.Process.Log, "answers: limits and changes are shared|does not answer: each process counts")
            .Select(static line => line.Value.StartsWith('a') ? '+' : '-'));

    /// <summary>Whether a key was refused so soon that only the signal can have brought it about; where this machine is too slow, nobody can tell.</summary>
    private static async Task<bool> IsHeardOfAsync(RedisServer server)
    {
        var tenant = await server.AddTenantAsync();
        var begun = Stopwatch.GetTimestamp();
        (await tenant.Api.GetAsync("/api/v1/aliases")).Must(HttpStatusCode.OK);
        (await server.Process.RunAsync("apikey", "revoke", tenant.Key.Key.Id.ToString())).MustSucceed();
        await Until.TrueAsync(
            "the revoked key is refused", async () => (await tenant.Api.GetAsync("/api/v1/aliases")).Status == HttpStatusCode.Unauthorized, cancellationToken: Cancellation);
        return Stopwatch.GetElapsedTime(begun) < ApiKeyDirectory.Remembered;
    }

    private static IDataProtector Protector(IServiceProvider services) => services.GetRequiredService<IDataProtectionProvider>().CreateProtector("tests");

    private static ServiceProvider Ring(string folder, RedisLink link, string secret) => new ServiceCollection().AddLogging().AddSingleton(link)
        .AddSharedKeyRing(folder, System.Text.Encoding.UTF8.GetBytes(secret)).BuildServiceProvider();

    private RedisLink Link() => new(Options, new RedisMetrics(), TimeProvider.System, NullLogger<RedisLink>.Instance);

    private sealed class RedisServer(IReadOnlyDictionary<string, string?> settings) : ApiServer(settings);

    /// <summary>Stands in the middle of a minute.</summary>
    private sealed class StandingTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 3, 14, 9, 0, 30, TimeSpan.Zero);
    }
}
