using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Smtpy.Api.Tests;

public sealed class CorrespondenceTestsOnSqlite(SqliteServer server) : CorrespondenceTests(server);

public sealed class CorrespondenceTestsOnPostgres(ServerOnPostgres server) : CorrespondenceTests(server);

/// <summary>How mail is handled, whom aliases write to, who may write to them, and with what passwords and keys.</summary>
public abstract class CorrespondenceTests(ApiServer server)
{
    [Fact]
    public async Task An_aliass_handling_is_changed_field_by_field()
    {
        var tenant = await server.AddTenantAsync();
        var path = $"/api/v1/aliases/{tenant.AliasId}";
        var alias = (await tenant.Api.PatchAsync(
            path, """{"mode":"transparent","on_dmarc_fail":"reject","known_senders_only":true,"subject_template":"[{alias}] {subject}","banner":"bottom","clean_replies":false}"""))
            .Must(HttpStatusCode.OK).Data;
        Assert.Equal(("transparent", "reject", null, "bottom"), (Text(alias, "mode"), Text(alias, "on_dmarc_fail"), Text(alias, "on_spf_fail"), Text(alias, "banner")));
        Assert.Equal("the first", Text(alias, "description"));
        alias = (await tenant.Api.PatchAsync(path, """{"mode":null,"subject_template":null}""")).Must(HttpStatusCode.OK).Data;
        Assert.Equal((null, null, "reject"), (Text(alias, "mode"), Text(alias, "subject_template"), Text(alias, "on_dmarc_fail")));
        Assert.True(alias["known_senders_only"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData("aliases/ALIAS", """{"mode":"open"}""", "mode")]
    [InlineData("aliases/ALIAS", """{"banner":"left"}""", "banner")]
    [InlineData("aliases/ALIAS", """{"subject_template":"a\r\nBcc: x"}""", "subject_template")]
    [InlineData("aliases/ALIAS", """{"subject_template":"{subjekt}"}""", "subject_template")]
    [InlineData("aliases/ALIAS", """{"known_senders_only":"perhaps"}""", "known_senders_only")]
    [InlineData("domains/DOMAIN", """{"on_spf_fail":"7"}""", "on_spf_fail")]
    [InlineData("recipient-keys/RECIPIENT", "{}", "key_data")]
    [InlineData("recipient-keys/RECIPIENT", """{"key_data":"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nAAAA\n-----END PGP PRIVATE KEY BLOCK-----"}""", "key_data")]
    public async Task A_wrong_value_is_named(string path, string body, string field)
    {
        var tenant = await server.AddTenantAsync();
        var filled = path.Replace("ALIAS", tenant.AliasId.ToString(), StringComparison.Ordinal).Replace("DOMAIN", tenant.DomainId.ToString(), StringComparison.Ordinal)
            .Replace("RECIPIENT", tenant.RecipientId.ToString(), StringComparison.Ordinal);
        (await tenant.Api.PatchAsync("/api/v1/" + filled, body)).MustFail(HttpStatusCode.UnprocessableEntity, field);
    }

    [Fact]
    public async Task A_domains_handling_is_what_its_aliases_leave_open()
    {
        var tenant = await server.AddTenantAsync();
        var domain = (await tenant.Api.PatchAsync($"/api/v1/domains/{tenant.DomainId}", """{"mode":"private","unsubscribe":"disable_alias"}""")).Must(HttpStatusCode.OK).Data;
        Assert.Equal(("private", "disable_alias", null), (Text(domain, "mode"), Text(domain, "unsubscribe"), Text(domain, "from_format")));
    }

    [Fact]
    public async Task A_contact_is_made_once_blocked_renewed_and_forgotten()
    {
        var tenant = await server.AddTenantAsync();
        var body = new { alias_id = tenant.AliasId, contact = "Jane <jane@shop.example>" };
        var made = (await tenant.Api.PostAsync("/api/v1/contacts", body)).Must(HttpStatusCode.Created);
        Assert.Equal(("jane@shop.example", "Jane", "first@" + tenant.Domain), (Text(made.Data, "email"), Text(made.Data, "name"), Text(made.Data, "alias_email")));
        Assert.Equal(made.Id, (await tenant.Api.PostAsync("/api/v1/contacts", body)).Must(HttpStatusCode.OK).Id);
        Assert.True((await tenant.Api.PostAsync("/api/v1/blocked-contacts", new { id = made.Id })).Must(HttpStatusCode.OK).Data["blocked"]!.GetValue<bool>());
        Assert.Single((await tenant.Api.GetAsync($"/api/v1/contacts?filter[alias]={tenant.AliasId}&filter[blocked]=true")).Must(HttpStatusCode.OK).Data.AsArray());
        (await tenant.Api.DeleteAsync($"/api/v1/blocked-contacts/{made.Id}")).Must(HttpStatusCode.NoContent);
        var renewed = (await tenant.Api.PostAsync($"/api/v1/contacts/{made.Id}/renew")).Must(HttpStatusCode.OK).Data;
        Assert.NotEqual(Text(made.Data, "reverse_address"), Text(renewed, "reverse_address"));

        var stranger = await server.AddTenantAsync();
        foreach (var (method, path) in new[] { ("GET", "contacts/ID"), ("DELETE", "contacts/ID"), ("POST", "contacts/ID/renew"), ("DELETE", "blocked-contacts/ID") })
        {
            (await stranger.Api.SendAsync(new HttpMethod(method), "/api/v1/" + path.Replace("ID", made.Id.ToString(), StringComparison.Ordinal)))
                .MustFail(HttpStatusCode.NotFound);
        }

        Assert.Empty((await stranger.Api.GetAsync("/api/v1/contacts")).Must(HttpStatusCode.OK).Data.AsArray());
        (await tenant.Api.DeleteAsync($"/api/v1/contacts/{made.Id}")).Must(HttpStatusCode.NoContent);
        (await tenant.Api.GetAsync($"/api/v1/contacts/{made.Id}")).MustFail(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Senders_are_blocked_and_let_through_and_the_blocklist_shows_what_is_for_the_whole_account()
    {
        var tenant = await server.AddTenantAsync();
        var listed = (await tenant.Api.PostAsync("/api/v1/blocklist", """{"type":"domain","value":"Spam.Test"}""")).Must(HttpStatusCode.Created);
        Assert.Equal(("domain", "spam.test"), (Text(listed.Data, "type"), Text(listed.Data, "value")));
        var rule = (await tenant.Api.PostAsync("/api/v1/sender-rules", new { sender = "good@spam.test", verdict = "allow", alias_id = tenant.AliasId })).Must(HttpStatusCode.Created);
        Assert.Equal(("allow", tenant.AliasId), (Text(rule.Data, "verdict"), rule.Data["alias_id"]!.GetValue<Guid>()));
        Assert.Equal(2, (await tenant.Api.GetAsync("/api/v1/sender-rules")).Must(HttpStatusCode.OK).Data.AsArray().Count);
        Assert.Equal(listed.Id, Assert.Single((await tenant.Api.GetAsync("/api/v1/blocklist")).Must(HttpStatusCode.OK).Data.AsArray())!["id"]!.GetValue<Guid>());
        (await tenant.Api.PostAsync("/api/v1/blocklist", """{"type":"email","value":"@spam.test"}""")).MustFail(HttpStatusCode.UnprocessableEntity, "value");
        (await tenant.Api.PostAsync("/api/v1/blocklist", """{"type":"ip","value":"x"}""")).MustFail(HttpStatusCode.UnprocessableEntity, "type");
        (await tenant.Api.PostAsync("/api/v1/sender-rules", """{"sender":"spam.test","verdict":"block"}""")).MustFail(HttpStatusCode.UnprocessableEntity, "sender");
        var stranger = await server.AddTenantAsync();
        (await stranger.Api.DeleteAsync($"/api/v1/sender-rules/{rule.Id}")).MustFail(HttpStatusCode.NotFound);
        (await stranger.Api.DeleteAsync($"/api/v1/blocklist/{listed.Id}")).MustFail(HttpStatusCode.NotFound);
        (await tenant.Api.DeleteAsync($"/api/v1/blocklist/{listed.Id}")).Must(HttpStatusCode.NoContent);
        Assert.Equal(rule.Id, Assert.Single((await tenant.Api.GetAsync("/api/v1/sender-rules")).Data.AsArray())!["id"]!.GetValue<Guid>());
    }

    [Fact]
    public async Task A_recipient_is_paused_and_encrypted_to()
    {
        var tenant = await server.AddTenantAsync();
        var id = new { id = tenant.RecipientId };
        Assert.NotNull((await tenant.Api.PostAsync("/api/v1/paused-recipients", id)).Must(HttpStatusCode.OK).Data["paused_at"]);
        (await tenant.Api.DeleteAsync($"/api/v1/paused-recipients/{tenant.RecipientId}")).Must(HttpStatusCode.NoContent);
        (await tenant.Api.PostAsync("/api/v1/encrypted-recipients", id)).MustFail(HttpStatusCode.UnprocessableEntity);
        var keyed = (await tenant.Api.PatchAsync($"/api/v1/recipient-keys/{tenant.RecipientId}", new { key_data = Certificate() })).Must(HttpStatusCode.OK).Data;
        Assert.Equal(("smime", true), (Text(keyed, "encryption"), keyed["should_encrypt"]!.GetValue<bool>()));
        Assert.Equal(64, Text(keyed, "fingerprint")!.Length);
        (await tenant.Api.DeleteAsync($"/api/v1/encrypted-recipients/{tenant.RecipientId}")).Must(HttpStatusCode.NoContent);
        Assert.True((await tenant.Api.PostAsync("/api/v1/protected-headers-recipients", id)).Must(HttpStatusCode.OK).Data["protected_headers"]!.GetValue<bool>());
        var shown = (await tenant.Api.GetAsync($"/api/v1/recipients/{tenant.RecipientId}")).Must(HttpStatusCode.OK).Data;
        Assert.Equal(("none", null), (Text(shown, "encryption"), Text(shown, "paused_at")));
        (await tenant.Api.DeleteAsync($"/api/v1/recipient-keys/{tenant.RecipientId}")).Must(HttpStatusCode.NoContent);
        Assert.Null((await tenant.Api.GetAsync($"/api/v1/recipients/{tenant.RecipientId}")).Data["fingerprint"]);
    }

    [Fact]
    public async Task A_key_may_be_larger_than_other_bodies_but_not_endless()
    {
        var tenant = await server.AddTenantAsync();
        var path = $"/api/v1/recipient-keys/{tenant.RecipientId}";
        (await tenant.Api.PatchAsync(path, new { key_data = new string('a', 200_000) })).MustFail(HttpStatusCode.UnprocessableEntity, "key_data");
        (await tenant.Api.PatchAsync(path, new { key_data = new string('a', 600_000) })).MustFail(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task An_SMTP_password_is_shown_once_and_taken_back()
    {
        var tenant = await server.AddTenantAsync();
        var made = (await tenant.Api.PostAsync("/api/v1/smtp-credentials", new { alias_id = tenant.AliasId })).Must(HttpStatusCode.Created);
        Assert.Equal(("first@" + tenant.Domain, 32), (Text(made.Data, "user_name"), Text(made.Data, "password")!.Length));
        Assert.Equal("no-store", made.Headers["Cache-Control"]);
        var account = (await tenant.Api.PostAsync("/api/v1/smtp-credentials", "{}")).Must(HttpStatusCode.Created);
        Assert.Null(account.Data["alias_id"]);
        var list = (await tenant.Api.GetAsync("/api/v1/smtp-credentials")).Must(HttpStatusCode.OK);
        Assert.Equal(2, list.Data.AsArray().Count);
        Assert.DoesNotContain(Text(made.Data, "password")!, list.Text, StringComparison.Ordinal);
        var stranger = await server.AddTenantAsync();
        Assert.Empty((await stranger.Api.GetAsync("/api/v1/smtp-credentials")).Must(HttpStatusCode.OK).Data.AsArray());
        (await stranger.Api.DeleteAsync($"/api/v1/smtp-credentials/{made.Id}")).MustFail(HttpStatusCode.NotFound);
        (await tenant.Api.DeleteAsync($"/api/v1/smtp-credentials/{made.Id}")).Must(HttpStatusCode.NoContent);
        Assert.Single((await tenant.Api.GetAsync("/api/v1/smtp-credentials")).Data.AsArray());
    }

    private static string Certificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=jane", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        return certificate.ExportCertificatePem();
    }

    private static string? Text(JsonNode node, string name) => node[name]?.GetValue<string>();
}
