using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Smtpy.Core.Accounts;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Operation;

/// <summary>Two whole servers on one PostgreSQL and one Redis: what one is told, the other acts on.</summary>
public sealed class ReplicaTests : IAsyncLifetime
{
    private const string Proxy = "127.0.0.9";
    private static readonly TimeSpan GreylistDelay = TimeSpan.FromSeconds(2);
    private static readonly HttpClient Http = new();

    private PostgresServer _postgres = null!;
    private RedisPeer _redis = null!;
    private SmtpyProcess _one = null!;
    private SmtpyProcess _other = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _postgres = await PostgresServer.StartFreshAsync(Cancellation);
        await _postgres.RunAsync("CREATE DATABASE mail");
        _redis = await RedisPeer.StartAsync(Cancellation);
        _one = new SmtpyProcess(Settings());
        _other = new SmtpyProcess(Settings());

        // Both at once: one of them migrates, the other waits for it.
        await Task.WhenAll(_one.StartAsync(Cancellation), _other.StartAsync(Cancellation));
        await _one.AddDomainAsync(Instance.Domain);
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _other.DisposeAsync();
        await _redis.DisposeAsync();
        await _postgres.DisposeAsync();
    }

    [Fact]
    public async Task An_alias_that_one_is_given_is_known_to_the_others_SMTP_and_gone_when_it_is_deleted()
    {
        var (_, key) = await MakeKeyAsync();
        using var conversation = await SmtpConversation.OpenAsync(_other.SmtpPort, Cancellation);
        await conversation.CommandAsync("MAIL FROM:<a@client.test>", Cancellation);
        const string recipient = "RCPT TO:<fresh@alias.test>";
        await Until.TrueAsync(
            "the domain is known there", async () => (await conversation.CommandAsync(recipient, Cancellation)).StartsWith("550 5.1.1", StringComparison.Ordinal));

        using var made = await SendAsync(_one, key, HttpMethod.Post, "/api/v1/aliases", new { domain = Instance.Domain, format = "custom", local_part = "fresh" });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        await Until.TrueAsync(
            "the alias is known there", async () => (await conversation.CommandAsync(recipient, Cancellation)).StartsWith("250", StringComparison.Ordinal));

        using var body = JsonDocument.Parse(await made.Content.ReadAsStringAsync(Cancellation));
        using var deleted = await SendAsync(
            _other, key, HttpMethod.Delete, "/api/v1/aliases/" + body.RootElement.GetProperty("data").GetProperty("id").GetString());
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using var here = await SmtpConversation.OpenAsync(_one.SmtpPort, Cancellation);
        await here.CommandAsync("MAIL FROM:<a@client.test>", Cancellation);
        await Until.TrueAsync(
            "it is gone here", async () => (await here.CommandAsync(recipient, Cancellation)).StartsWith("550 5.1.1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_that_is_revoked_is_refused_by_both_as_soon_as_they_hear_of_it()
    {
        for (var i = 0; i < 3; i++)
        {
            await Until.TrueAsync("both hear of it before they would forget the key", AreToldAsync);
        }
    }

    /// <summary>Whether a key was refused so soon that only the signal can have brought it about; where this machine is too slow, nobody can tell.</summary>
    private async Task<bool> AreToldAsync()
    {
        var (id, key) = await MakeKeyAsync();
        var begun = Stopwatch.GetTimestamp();
        foreach (var replica in new[] { _one, _other })
        {
            using var welcome = await SendAsync(replica, key, HttpMethod.Get, "/api/v1/aliases");
            Assert.Equal(HttpStatusCode.OK, welcome.StatusCode);
        }

        (await _one.RunAsync("apikey", "revoke", id)).MustSucceed();
        foreach (var replica in new[] { _one, _other })
        {
            await Until.TrueAsync("the key is refused", async () =>
            {
                using var answer = await SendAsync(replica, key, HttpMethod.Get, "/api/v1/aliases");
                return answer.StatusCode == HttpStatusCode.Unauthorized;
            });
        }

        return Stopwatch.GetElapsedTime(begun) < ApiKeyDirectory.Remembered;
    }

    [Fact]
    public async Task Who_was_told_to_come_again_by_one_is_known_to_the_other_and_each_remembers_alone_while_Redis_is_gone()
    {
        await _one.AddAliasAsync("grey@alias.test", "inbox@example.net");
        foreach (var replica in new[] { _one, _other })
        {
            await Until.TrueAsync(
                "the alias is known", async () => !(await RecipientAsync(replica, "203.0.113.7")).StartsWith("550", StringComparison.Ordinal));
        }

        // Each time another client: where Redis was kept from answering for a moment, the two did not know of each other.
        var clients = 0;
        await Until.TrueAsync(
            "the other lets in whom it has never seen",
            async () =>
            {
                var client = string.Create(CultureInfo.InvariantCulture, $"203.0.{++clients}.7");
                Assert.StartsWith("451 4.7.1", await RecipientAsync(_one, client), StringComparison.Ordinal);

                // Asked once and not before: a server that knows nothing of the first call would send this one away.
                await Task.Delay(GreylistDelay + TimeSpan.FromSeconds(0.5), Cancellation);
                return (await RecipientAsync(_other, client)).StartsWith("250", StringComparison.Ordinal);
            });

        await _redis.KillAsync();
        Assert.StartsWith("451 4.7.1", await RecipientAsync(_one, "198.51.100.7"), StringComparison.Ordinal);
        Assert.StartsWith("451 4.7.1", await RecipientAsync(_other, "198.51.100.7"), StringComparison.Ordinal);
        foreach (var replica in new[] { _one, _other })
        {
            await Until.TrueAsync(
                "it lets them in after a while", async () => (await RecipientAsync(replica, "198.51.100.7")).StartsWith("250", StringComparison.Ordinal));
        }
    }

    private static async Task<string> RecipientAsync(SmtpyProcess replica, string client)
    {
        using var conversation = await SmtpConversation.OpenBehindProxyAsync(Proxy, client, replica.SmtpPort, Cancellation);
        await conversation.CommandAsync("MAIL FROM:<a@client.test>", Cancellation);
        return await conversation.CommandAsync("RCPT TO:<grey@alias.test>", Cancellation);
    }

    private Dictionary<string, string?> Settings() => new(_redis.Settings)
    {
        ["DATABASE_URL"] = _postgres.Url("mail"),
        ["SECRET_KEY"] = "the same secret for both of them",
        ["SMTP_PROXY_PROTOCOL"] = Proxy + "/32",
        ["GREYLIST"] = "on",
        ["GREYLIST_DELAY"] = GreylistDelay.TotalSeconds.ToString(CultureInfo.InvariantCulture),
    };

    private async Task<(string Id, string Key)> MakeKeyAsync()
    {
        using var made = JsonDocument.Parse((await _one.RunAsync("apikey", "create", "--user", SmtpyProcess.User, "--json")).MustSucceed());
        return (made.RootElement.GetProperty("id").GetString()!, made.RootElement.GetProperty("token").GetString()!);
    }

    private static async Task<HttpResponseMessage> SendAsync(SmtpyProcess replica, string key, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri($"http://127.0.0.1:{replica.ApiPort}{path}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Content = body is null ? null : JsonContent.Create(body);
        return await Http.SendAsync(request, Cancellation);
    }
}
