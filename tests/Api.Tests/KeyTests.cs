using System.Net;
using Smtpy.Core.Accounts;

namespace Smtpy.Api.Tests;

public sealed class KeyTestsOnSqlite(SqliteServer server) : KeyTests(server);

public sealed class KeyTestsOnPostgres(ServerOnPostgres server) : KeyTests(server);

/// <summary>Who may ask, and what.</summary>
public abstract class KeyTests(ApiServer server)
{
    [Theory]
    [InlineData(null)]
    [InlineData("null")]
    [InlineData("smtpyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("' or 1=1 --")]
    public async Task Without_a_valid_key_the_answer_is_the_one_clients_know(string? key)
    {
        var answer = await new ApiClient(server.Address, key).GetAsync("/api/v1/aliases");
        answer.MustFail(HttpStatusCode.Unauthorized);
        Assert.Equal("""{"message":"Unauthenticated."}""", answer.Text);
        Assert.Equal("Bearer", answer.Headers["WWW-Authenticate"]);
    }

    [Fact]
    public async Task A_key_fits_addy_ios_extension_and_says_about_itself_what_it_was_made_with()
    {
        var tenant = await server.AddTenantAsync(lifetime: TimeSpan.FromDays(1));
        Assert.Matches("^[a-zA-Z0-9]{40,60}$", tenant.Key.Token);
        Assert.DoesNotContain(tenant.Key.Token, tenant.Key.Key.Hash, StringComparison.Ordinal);
        var details = (await tenant.Api.GetAsync("/api/v1/api-token-details")).Must(HttpStatusCode.OK).Json;
        Assert.Equal(["created_at", "expires_at", "name"], details.AsObject().Select(p => p.Key).Order());
        Assert.Equal("tests", details["name"]!.GetValue<string>());
        Assert.NotNull(details["expires_at"]);
        var version = (await tenant.Api.GetAsync("/api/v1/app-version")).Must(HttpStatusCode.OK).Json;
        Assert.Equal(["major", "minor", "patch", "version"], version.AsObject().Select(p => p.Key).Order());
        var listed = (await server.Core<ListApiKeys>().RunAsync(TestContext.Current.CancellationToken)).Single(k => k.Id == tenant.Key.Key.Id);
        Assert.NotNull(listed.LastUsedAt);
    }

    [Theory]
    [InlineData("POST", "/api/v1/aliases")]
    [InlineData("PATCH", "/api/v1/aliases/ALIAS")]
    [InlineData("DELETE", "/api/v1/aliases/ALIAS")]
    [InlineData("POST", "/api/v1/active-aliases")]
    [InlineData("POST", "/api/v1/aliases/forget/bulk")]
    [InlineData("POST", "/api/v1/domains")]
    [InlineData("DELETE", "/api/v1/domains/DOMAIN")]
    public async Task A_reading_key_looks_and_changes_nothing(string method, string path)
    {
        var tenant = await server.AddTenantAsync(ApiKeyScope.Read);
        var filled = path.Replace("ALIAS", tenant.AliasId.ToString(), StringComparison.Ordinal).Replace("DOMAIN", tenant.DomainId.ToString(), StringComparison.Ordinal);
        (await tenant.Api.SendAsync(new HttpMethod(method), filled, "{}")).MustFail(HttpStatusCode.Forbidden);
        (await tenant.Api.SendAsync(HttpMethod.Post, $"/api/v1/aliases/{tenant.AliasId}", "{}", headers: ("X-HTTP-Method-Override", "PATCH")))
            .MustFail(HttpStatusCode.Forbidden);
        (await tenant.Api.GetAsync("/api/v1/aliases")).Must(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Keys_are_made_listed_and_revoked_by_command()
    {
        var tenant = await server.AddTenantAsync();
        var made = System.Text.Json.Nodes.JsonNode.Parse((await server.Process.RunAsync(
            "apikey", "create", "--user", $"owner@{tenant.Domain}", "--scope", "read", "--name", "phone", "--expires", "30", "--json")).MustSucceed())!;
        var token = made["token"]!.GetValue<string>();
        (await new ApiClient(server.Address, token).GetAsync("/api/v1/aliases")).Must(HttpStatusCode.OK);
        var listed = (await server.Process.RunAsync("apikey", "list", "--json")).MustSucceed();
        Assert.Contains(made["id"]!.GetValue<string>(), listed, StringComparison.Ordinal);
        Assert.DoesNotContain(token, listed, StringComparison.Ordinal);
        (await server.Process.RunAsync("apikey", "revoke", made["id"]!.GetValue<string>())).MustSucceed();
        await Smtpy.Tests.Support.Until.TrueAsync(
            "the revoked key is refused",
            async () => (await new ApiClient(server.Address, token).GetAsync("/api/v1/aliases")).Status == HttpStatusCode.Unauthorized,
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.NotEqual(0, (await server.Process.RunAsync("apikey", "revoke", made["id"]!.GetValue<string>())).ExitCode);
        Assert.NotEqual(0, (await server.Process.RunAsync("apikey", "create", "--user", "nobody@nowhere.test")).ExitCode);
    }
}
