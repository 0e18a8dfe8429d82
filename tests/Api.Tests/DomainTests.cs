using System.Net;
using Smtpy.Core.Aliases;
using Smtpy.Core.Contacts;
using Smtpy.Core.Domains;

namespace Smtpy.Api.Tests;

public sealed class DomainTestsOnSqlite(SqliteServer server) : DomainTests(server);

public sealed class DomainTestsOnPostgres(ServerOnPostgres server) : DomainTests(server);

/// <summary>addy.io's contract for domains, and the proof by DNS.</summary>
public abstract class DomainTests(ApiServer server)
{
    private const string Domains = "/api/v1/domains";

    private static readonly string[] Fields =
    [
        "id", "user_id", "domain", "description", "from_name", "aliases", "aliases_count", "default_recipient", "active", "catch_all",
        "auto_create_regex", "domain_verified_at", "domain_mx_validated_at", "domain_sending_verified_at", "created_at", "updated_at",

        // Ours.
        "mode", "from_format", "on_dmarc_fail", "on_spf_fail", "unsubscribe",
    ];

    [Fact]
    public async Task A_domain_is_added_only_with_the_callers_own_TXT_record()
    {
        var (caller, other) = (await server.AddTenantAsync(), await server.AddTenantAsync());
        var name = $"claim-{Guid.NewGuid():N}.test";
        var hint = (await caller.Api.PostAsync(Domains, new { domain = name })).MustFail(HttpStatusCode.NotFound).Message!;
        Assert.StartsWith("Verification record not found. Please add the following TXT record to your domain: smtpy-verify=", hint, StringComparison.Ordinal);
        Assert.Single((await caller.Api.GetAsync(Domains)).Must(HttpStatusCode.OK).Data.AsArray());

        server.Dns.Txt(name, "v=spf1 -all").Txt(name, hint[(hint.LastIndexOf(' ') + 1)..]).Mx(name, 10, ApiServer.Hostname);
        (await other.Api.PostAsync(Domains, new { domain = name })).MustFail(HttpStatusCode.NotFound);
        var added = (await caller.Api.PostAsync(Domains, new { domain = name.ToUpperInvariant() + "." })).Must(HttpStatusCode.Created).Data;
        Assert.Equal(Fields.Order(), added.AsObject().Select(p => p.Key).Order());
        Assert.Equal(name, added["domain"]!.GetValue<string>());
        Assert.NotNull(added["domain_verified_at"]);
        Assert.NotNull(added["domain_mx_validated_at"]);
        (await caller.Api.PostAsync(Domains, new { domain = name })).MustFail(HttpStatusCode.UnprocessableEntity, "domain");
        (await other.Api.PostAsync(Domains, new { domain = name })).MustFail(HttpStatusCode.NotFound);
        (await caller.Api.PostAsync("/api/v1/aliases", new { domain = name })).Must(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Whoever_claims_a_domain_meets_no_contact_of_those_who_had_it()
    {
        var caller = await server.AddTenantAsync();
        var name = $"claim-{Guid.NewGuid():N}.test";
        var hint = (await caller.Api.PostAsync(Domains, new { domain = name })).MustFail(HttpStatusCode.NotFound).Message!;
        server.Dns.Txt(name, hint[(hint.LastIndexOf(' ') + 1)..]);

        // What was under way when it was deleted brought this one.
        var former = await server.AddTenantAsync();
        var contact = new Contact
        {
            AccountId = former.AccountId,
            AliasAddress = "box@" + name,
            Address = "ceo@shop.test",
            DisplayName = "",
            ReverseAddress = "abcdefghijklmnopqrstuvwx@" + name,
            CreatedAt = DateTimeOffset.UnixEpoch,
        };
        await server.Core<AddContacts>().RunAsync([contact], TestContext.Current.CancellationToken);
        (await caller.Api.PostAsync(Domains, new { domain = name })).Must(HttpStatusCode.Created);
        Assert.Empty((await former.Api.GetAsync("/api/v1/contacts")).Must(HttpStatusCode.OK).Data.AsArray());
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"domain":""}""")]
    [InlineData("""{"domain":"localhost"}""")]
    [InlineData("""{"domain":"two words.test"}""")]
    [InlineData("""{"domain":"-.test"}""")]
    [InlineData("""{"domain":["a.test"]}""")]
    public async Task What_is_no_domain_is_refused(string body)
    {
        var tenant = await server.AddTenantAsync();
        (await tenant.Api.PostAsync(Domains, body)).MustFail(HttpStatusCode.UnprocessableEntity, "domain");
    }

    [Fact]
    public async Task A_domain_whose_DNS_does_not_answer_is_not_added()
    {
        var tenant = await server.AddTenantAsync();
        var name = $"broken-{Guid.NewGuid():N}.test";
        server.Dns.Broken(name);
        Assert.Contains("try again", (await tenant.Api.PostAsync(Domains, new { domain = name })).MustFail(HttpStatusCode.UnprocessableEntity).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unverified_domain_takes_no_aliases_until_a_check_finds_its_record()
    {
        var tenant = await server.AddTenantAsync();
        var name = $"later-{Guid.NewGuid():N}.test";
        var added = (await server.Core<AddDomain>().RunAsync(name, $"owner@{tenant.Domain}", TestContext.Current.CancellationToken)).Value!;
        (await tenant.Api.PostAsync("/api/v1/aliases", new { domain = name })).MustFail(HttpStatusCode.UnprocessableEntity, "domain");
        var missing = (await tenant.Api.PostAsync($"{Domains}/{added.Id}/check")).Must(HttpStatusCode.OK);
        Assert.False(missing.Json["success"]!.GetValue<bool>());
        server.Dns.Txt(name, missing.Message![(missing.Message!.LastIndexOf(' ') + 1)..]);
        var found = (await tenant.Api.PostAsync($"{Domains}/{added.Id}/check")).Must(HttpStatusCode.OK);
        Assert.True(found.Json["success"]!.GetValue<bool>());
        Assert.Null(found.Data["domain_mx_validated_at"]);
        (await tenant.Api.PostAsync("/api/v1/aliases", new { domain = name })).Must(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_domain_is_changed_and_routing_follows()
    {
        var tenant = await server.AddTenantAsync();
        var path = $"{Domains}/{tenant.DomainId}";
        var edited = (await tenant.Api.PatchAsync(path, new { description = "shop", from_name = "Jane" })).Must(HttpStatusCode.OK).Data;
        Assert.Equal(("shop", "Jane", 1), (edited["description"]!.GetValue<string>(), edited["from_name"]!.GetValue<string>(), edited["aliases_count"]!.GetValue<int>()));

        Assert.Equal(AliasOutcome.Unknown, (await RouteAsync("nobody", tenant.Domain)).Outcome);
        (await tenant.Api.PostAsync("/api/v1/catch-all-domains", new { id = tenant.DomainId })).Must(HttpStatusCode.OK);
        Assert.Equal([$"owner@{tenant.Domain}"], (await RouteAsync("nobody", tenant.Domain)).Recipients);
        var standard = (await tenant.Api.PatchAsync(path + "/default-recipient", new { default_recipient = tenant.RecipientId })).Must(HttpStatusCode.OK);
        Assert.Equal(tenant.RecipientId, standard.Data["default_recipient"]!["id"]!.GetValue<Guid>());
        Assert.Equal([$"jane@mail.{tenant.Domain}"], (await RouteAsync("nobody", tenant.Domain)).Recipients);

        (await tenant.Api.DeleteAsync($"/api/v1/aliases/{tenant.AliasId}")).Must(HttpStatusCode.NoContent);
        Assert.Equal(AliasOutcome.Unknown, (await RouteAsync("first", tenant.Domain)).Outcome);

        (await tenant.Api.DeleteAsync($"/api/v1/active-domains/{tenant.DomainId}")).Must(HttpStatusCode.NoContent);
        Assert.Equal(AliasOutcome.Discard, (await RouteAsync("nobody", tenant.Domain)).Outcome);
        Assert.Empty((await tenant.Api.GetAsync("/api/v1/domain-options")).Must(HttpStatusCode.OK).Json["data"]!.AsArray());

        (await tenant.Api.DeleteAsync(path)).Must(HttpStatusCode.NoContent);
        Assert.Equal(AliasOutcome.ForeignDomain, (await RouteAsync("first", tenant.Domain)).Outcome);
        (await tenant.Api.GetAsync($"/api/v1/aliases/{tenant.AliasId}")).MustFail(HttpStatusCode.NotFound);
    }

    /// <summary>As the mail service asks, past its cache.</summary>
    private async Task<AliasLookup> RouteAsync(string localPart, string domain)
    {
        var directory = new AliasDirectory(
            new Smtpy.Core.Storage.RoutingVersion(
                server.Core<Smtpy.Core.Storage.IDatabase>(), new Smtpy.Core.Storage.RoutingChanges(), TimeSpan.Zero, TimeProvider.System),
            new AliasDirectoryOptions(), ApiServer.Hostname);
        return await directory.FindAsync(localPart, domain, TestContext.Current.CancellationToken);
    }
}
