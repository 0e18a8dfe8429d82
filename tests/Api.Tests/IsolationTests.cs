namespace Smtpy.Api.Tests;

public sealed class IsolationTestsOnSqlite(SqliteServer server) : IsolationTests(server);

public sealed class IsolationTestsOnPostgres(ServerOnPostgres server) : IsolationTests(server);

/// <summary>What belongs to others is answered exactly as what does not exist.</summary>
public abstract class IsolationTests(ApiServer server)
{
    public static TheoryData<string, string, string?> Calls => new()
    {
        { "GET", "/api/v1/aliases/ALIAS", null },
        { "PATCH", "/api/v1/aliases/ALIAS", """{"description":"mine"}""" },
        { "DELETE", "/api/v1/aliases/ALIAS", null },
        { "PATCH", "/api/v1/aliases/ALIAS/restore", null },
        { "DELETE", "/api/v1/aliases/ALIAS/forget", null },
        { "POST", "/api/v1/active-aliases", """{"id":"ALIAS"}""" },
        { "DELETE", "/api/v1/active-aliases/ALIAS", null },
        { "POST", "/api/v1/pinned-aliases", """{"id":"ALIAS"}""" },
        { "DELETE", "/api/v1/pinned-aliases/ALIAS", null },
        { "POST", "/api/v1/alias-recipients", """{"alias_id":"ALIAS","recipient_ids":[]}""" },
        { "POST", "/api/v1/aliases/get/bulk", """{"ids":["ALIAS"]}""" },
        { "POST", "/api/v1/aliases/forget/bulk", """{"ids":["ALIAS"]}""" },
        { "POST", "/api/v1/aliases/delete/bulk", """{"ids":["ALIAS"]}""" },
        { "GET", "/api/v1/aliases?domain=DOMAIN", null },
        { "GET", "/api/v1/aliases?recipient=RECIPIENT", null },
        { "POST", "/api/v1/aliases", """{"domain":"NAME"}""" },
        { "POST", "/api/v1/aliases", """{"domain":"OWN","recipient_ids":["RECIPIENT"]}""" },
        { "GET", "/api/v1/domains/DOMAIN", null },
        { "PATCH", "/api/v1/domains/DOMAIN", """{"description":"mine"}""" },
        { "DELETE", "/api/v1/domains/DOMAIN", null },
        { "PATCH", "/api/v1/domains/DOMAIN/default-recipient", """{"default_recipient":""}""" },
        { "PATCH", "/api/v1/domains/OWNID/default-recipient", """{"default_recipient":"RECIPIENT"}""" },
        { "POST", "/api/v1/domains/DOMAIN/check", null },
        { "POST", "/api/v1/active-domains", """{"id":"DOMAIN"}""" },
        { "DELETE", "/api/v1/active-domains/DOMAIN", null },
        { "POST", "/api/v1/catch-all-domains", """{"id":"DOMAIN"}""" },
        { "DELETE", "/api/v1/catch-all-domains/DOMAIN", null },
        { "GET", "/api/v1/recipients/RECIPIENT", null },
        { "PATCH", "/api/v1/recipient-keys/RECIPIENT", """{"key_data":"none"}""" },
        { "DELETE", "/api/v1/recipient-keys/RECIPIENT", null },
        { "POST", "/api/v1/paused-recipients", """{"id":"RECIPIENT"}""" },
        { "DELETE", "/api/v1/paused-recipients/RECIPIENT", null },
        { "POST", "/api/v1/encrypted-recipients", """{"id":"RECIPIENT"}""" },
        { "DELETE", "/api/v1/protected-headers-recipients/RECIPIENT", null },
        { "GET", "/api/v1/contacts?filter[alias]=ALIAS", null },
        { "POST", "/api/v1/contacts", """{"alias_id":"ALIAS","contact":"jane@shop.example"}""" },
        { "POST", "/api/v1/sender-rules", """{"sender":"@x.test","verdict":"block","alias_id":"ALIAS"}""" },
        { "POST", "/api/v1/sender-rules", """{"sender":"@x.test","verdict":"block","domain_id":"DOMAIN"}""" },
        { "POST", "/api/v1/smtp-credentials", """{"alias_id":"ALIAS"}""" },
        { "GET", "/api/v1/messages?filter[alias]=ALIAS", null },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Anothers_ids_are_answered_as_unknown_ones(string method, string path, string? body)
    {
        var (victim, caller) = (await server.AddTenantAsync(), await server.AddTenantAsync());
        Task<Answer> AskAsync(Guid alias, Guid domain, Guid recipient, string name)
        {
            string Fill(string text) => text.Replace("ALIAS", alias.ToString(), StringComparison.Ordinal)
                .Replace("OWNID", caller.DomainId.ToString(), StringComparison.Ordinal).Replace("OWN", caller.Domain, StringComparison.Ordinal)
                .Replace("DOMAIN", domain.ToString(), StringComparison.Ordinal).Replace("RECIPIENT", recipient.ToString(), StringComparison.Ordinal)
                .Replace("NAME", name, StringComparison.Ordinal);
            return caller.Api.SendAsync(new HttpMethod(method), Fill(path), body is null ? null : Fill(body));
        }

        var theirs = await AskAsync(victim.AliasId, victim.DomainId, victim.RecipientId, victim.Domain);
        var (noAlias, noDomain, noRecipient) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        var unknown = await AskAsync(noAlias, noDomain, noRecipient, "nobodys.test");
        Assert.Equal(unknown.Status, theirs.Status);
        Assert.Equal(
            unknown.Text.Replace(noDomain.ToString(), victim.DomainId.ToString(), StringComparison.Ordinal)
                .Replace(noRecipient.ToString(), victim.RecipientId.ToString(), StringComparison.Ordinal)
                .Replace(noAlias.ToString(), victim.AliasId.ToString(), StringComparison.Ordinal),
            theirs.Text);
        Assert.DoesNotContain(victim.Domain, theirs.Text, StringComparison.Ordinal);

        // And nothing was changed.
        Assert.Equal("the first", (await victim.Api.GetAsync($"/api/v1/aliases/{victim.AliasId}")).Must(System.Net.HttpStatusCode.OK).Data["description"]!.GetValue<string>());
        Assert.True((await victim.Api.GetAsync($"/api/v1/domains/{victim.DomainId}")).Must(System.Net.HttpStatusCode.OK).Data["active"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Lists_show_the_callers_own_only()
    {
        var (other, caller) = (await server.AddTenantAsync(), await server.AddTenantAsync());
        foreach (var path in new[] { "/api/v1/aliases?filter[deleted]=with", "/api/v1/domains", "/api/v1/recipients", "/api/v1/domain-options" })
        {
            var text = (await caller.Api.GetAsync(path)).Must(System.Net.HttpStatusCode.OK).Text;
            Assert.Contains(caller.Domain, text, StringComparison.Ordinal);
            Assert.DoesNotContain(other.Domain, text, StringComparison.Ordinal);
        }
    }
}
