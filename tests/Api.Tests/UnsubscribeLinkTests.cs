using System.Net;
using System.Text;
using Smtpy.Core.Aliases;
using Smtpy.Mail.Rewriting;

namespace Smtpy.Api.Tests;

public sealed class UnsubscribeLinkTestsOnSqlite(SqliteServer server) : UnsubscribeLinkTests(server);

public sealed class UnsubscribeLinkTestsOnPostgres(ServerOnPostgres server) : UnsubscribeLinkTests(server);

/// <summary>The links of our own List-Unsubscribe fields (RFC 8058), as mail programs, scanners and people call them.</summary>
public abstract class UnsubscribeLinkTests(ApiServer server)
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    [Fact]
    public async Task One_click_switches_the_alias_off_without_cookie_or_redirect()
    {
        var tenant = await server.AddTenantAsync();
        using var answer = await OneClickAsync(Token(new UnsubscribeOrder(UnsubscribeChoice.DisableAlias, tenant.AliasId, Guid.Empty)));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
        Assert.False(await IsEnabledAsync(tenant));
    }

    [Fact]
    public async Task Looking_at_the_link_changes_nothing_and_offers_a_form()
    {
        var tenant = await server.AddTenantAsync();
        var path = Path(Token(new UnsubscribeOrder(UnsubscribeChoice.DisableAlias, tenant.AliasId, Guid.Empty)));
        var page = await Client.GetStringAsync(path, TestContext.Current.CancellationToken);
        Assert.Contains("<form method=\"post\">", page, StringComparison.Ordinal);
        Assert.Contains("first@" + tenant.Domain, page, StringComparison.Ordinal);
        using var head = new HttpRequestMessage(HttpMethod.Head, path);
        Assert.Equal(HttpStatusCode.OK, (await Client.SendAsync(head, TestContext.Current.CancellationToken)).StatusCode);
        Assert.True(await IsEnabledAsync(tenant));
    }

    [Fact]
    public async Task A_forged_an_expired_and_a_useless_link_are_told_apart_and_do_nothing()
    {
        var tenant = await server.AddTenantAsync();
        var order = new UnsubscribeOrder(UnsubscribeChoice.DisableAlias, tenant.AliasId, Guid.Empty);
        var token = Token(order);
        foreach (var (given, status) in new[]
        {
            (token[..^2] + (token.EndsWith("AA", StringComparison.Ordinal) ? "BA" : "AA"), HttpStatusCode.NotFound),
            ("x", HttpStatusCode.NotFound),
            (Token(order, TimeSpan.FromMinutes(-5)), HttpStatusCode.Gone),
            (Token(order with { AliasId = Guid.NewGuid() }), HttpStatusCode.NotFound),
        })
        {
            using var answer = await OneClickAsync(given);
            Assert.Equal(status, answer.StatusCode);
            Assert.Equal(status, (await Client.GetAsync(Path(given), TestContext.Current.CancellationToken)).StatusCode);
        }

        Assert.True(await IsEnabledAsync(tenant));
    }

    private Task<HttpResponseMessage> OneClickAsync(string token) => Client.PostAsync(
        Path(token), new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]), TestContext.Current.CancellationToken);

    private Uri Path(string token) => new(server.Address, "/u/" + token);

    private string Token(UnsubscribeOrder order, TimeSpan? lifetime = null)
    {
        var secret = File.ReadAllText(System.IO.Path.Combine(server.Process.DataFolder, "secret.key")).Trim();
        return new UnsubscribeToken(Encoding.UTF8.GetBytes(secret), TimeProvider.System).Create(order, lifetime);
    }

    private async Task<bool> IsEnabledAsync(Tenant tenant) =>
        (await server.Core<FindAlias>().RunAsync(new AliasSelector(tenant.AccountId, tenant.AliasId), TestContext.Current.CancellationToken)).Value!.Enabled;
}
