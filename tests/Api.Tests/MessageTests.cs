using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;

namespace Smtpy.Api.Tests;

public sealed class MessageTestsOnSqlite(SqliteServer server) : MessageTests(server);

public sealed class MessageTestsOnPostgres(ServerOnPostgres server) : MessageTests(server);

/// <summary>What became of an account's mail, and what it can do about it.</summary>
public abstract class MessageTests(ApiServer server)
{
    private const string Content = "Subject: <b>Hello</b>\r\n\r\nbody\r\n";

    private static readonly string[] FailedFields =
    [
        "id", "user_id", "recipient_id", "recipient_email", "alias_id", "alias_email", "alias_description", "bounce_type", "remote_mta", "sender",
        "destination", "ir_dedupe_key", "type", "email_type", "email_type_text", "status", "code", "is_stored", "quarantined", "resent",
        "attempted_at", "created_at", "updated_at",
    ];

    [Fact]
    public async Task A_story_tells_where_a_message_came_from_and_what_became_of_it()
    {
        var tenant = await server.AddTenantAsync();
        var id = await StoreAsync(tenant);
        var message = (await tenant.Api.GetAsync($"/api/v1/messages/{id}")).Must(HttpStatusCode.OK).Data;
        Assert.Equal(id, message["id"]!.GetValue<long>());
        Assert.Equal("192.0.2.7", Text(message["connection"]!, "client_address"));
        Assert.Equal("outside", Text(message, "origin"));
        Assert.Equal("fail", Text(message["judgement"]!["dmarc"]!, "result"));
        Assert.False(message["judgement"]!["is_authenticated"]!.GetValue<bool>());
        var story = Assert.Single(message["deliveries"]!.AsArray())!;
        Assert.Equal(("held", "forward", "its sender could not be verified"), (Text(story["delivery"]!, "state"), Text(story["delivery"]!, "kind"), Text(story["delivery"]!, "reason")));
        Assert.Equal("<b>Hello</b>", Text(message["header"]![0]!, "value"));
    }

    [Fact]
    public async Task Other_accounts_deliveries_of_the_same_message_are_not_to_be_seen()
    {
        var (mine, theirs) = (await server.AddTenantAsync(), await server.AddTenantAsync());
        var id = await StoreAsync(mine, theirs);
        var answer = (await mine.Api.GetAsync($"/api/v1/messages/{id}")).Must(HttpStatusCode.OK);
        Assert.DoesNotContain(theirs.Domain, answer.Text, StringComparison.Ordinal);
        (await mine.Api.DeleteAsync($"/api/v1/messages/{id}")).Must(HttpStatusCode.NoContent);
        Assert.Equal("held", Text((await theirs.Api.GetAsync($"/api/v1/messages/{id}")).Must(HttpStatusCode.OK).Data["deliveries"]![0]!["delivery"]!, "state"));

        // The octets are there for the other one.
        (await mine.Api.GetAsync($"/api/v1/messages/{id}/source")).MustFail(HttpStatusCode.UnprocessableEntity);
        Assert.Equal(Content, (await theirs.Api.GetAsync($"/api/v1/messages/{id}/source")).Must(HttpStatusCode.OK).Text);
    }

    [Theory]
    [InlineData("GET", "/api/v1/messages/ID")]
    [InlineData("GET", "/api/v1/messages/ID/source")]
    [InlineData("POST", "/api/v1/messages/ID/release")]
    [InlineData("POST", "/api/v1/messages/ID/retry")]
    [InlineData("DELETE", "/api/v1/messages/ID")]
    [InlineData("GET", "/api/v1/failed-deliveries/FAILED")]
    [InlineData("GET", "/api/v1/failed-deliveries/FAILED/download")]
    [InlineData("POST", "/api/v1/failed-deliveries/FAILED/resend")]
    [InlineData("DELETE", "/api/v1/failed-deliveries/FAILED")]
    public async Task Anothers_message_is_answered_as_an_unknown_one(string method, string path)
    {
        var (victim, caller) = (await server.AddTenantAsync(), await server.AddTenantAsync());
        var id = await StoreAsync(victim);
        var failed = Text((await victim.Api.GetAsync("/api/v1/failed-deliveries")).Must(HttpStatusCode.OK).Data[0]!, "id")!;
        Task<Answer> AskAsync(long message, string delivery) => caller.Api.SendAsync(
            new HttpMethod(method),
            path.Replace("ID", message.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal).Replace("FAILED", delivery, StringComparison.Ordinal));
        var theirs = await AskAsync(id, failed);
        var unknown = await AskAsync(id + 1_000_000, Guid.NewGuid().ToString());
        theirs.MustFail(HttpStatusCode.NotFound);
        Assert.Equal((unknown.Status, unknown.Text), (theirs.Status, theirs.Text));
        Assert.Equal("held", Text((await victim.Api.GetAsync($"/api/v1/messages/{id}")).Data["deliveries"]![0]!["delivery"]!, "state"));
        Assert.Empty((await caller.Api.GetAsync("/api/v1/messages")).Must(HttpStatusCode.OK).Data.AsArray());
    }

    [Fact]
    public async Task A_source_is_a_file_that_no_browser_shows()
    {
        var tenant = await server.AddTenantAsync();
        var id = await StoreAsync(tenant);
        var answer = (await tenant.Api.GetAsync($"/api/v1/messages/{id}/source")).Must(HttpStatusCode.OK);
        Assert.Equal((Content, "message/rfc822"), (answer.Text, answer.MediaType));
        Assert.Equal($"attachment; filename=\"smtpy-{id}.eml\"", answer.Headers["Content-Disposition"]);
        Assert.Equal("nosniff", answer.Headers["X-Content-Type-Options"]);
    }

    [Fact]
    public async Task A_held_message_is_released_once()
    {
        var tenant = await server.AddTenantAsync();
        var id = await StoreAsync(tenant);
        Assert.Equal(1, (await tenant.Api.PostAsync($"/api/v1/messages/{id}/release")).Must(HttpStatusCode.OK).Json["deliveries"]!.GetValue<int>());
        (await tenant.Api.PostAsync($"/api/v1/messages/{id}/release")).MustFail(HttpStatusCode.UnprocessableEntity);
        var delivery = (await tenant.Api.GetAsync($"/api/v1/messages/{id}")).Data["deliveries"]![0]!["delivery"]!;
        Assert.StartsWith("released", Text(delivery, "reason"), StringComparison.Ordinal);
        Assert.NotEqual("held", Text(delivery, "state"));
    }

    [Fact]
    public async Task The_list_is_walked_by_its_links_and_filtered()
    {
        var tenant = await server.AddTenantAsync();
        var ids = new List<long>();
        for (var i = 0; i < 3; i++)
        {
            ids.Insert(0, await StoreAsync(tenant));
        }

        var found = new List<long>();
        for (var path = "/api/v1/messages?filter[state]=held&page[size]=2"; path is not null;)
        {
            var page = (await tenant.Api.GetAsync(path)).Must(HttpStatusCode.OK);
            found.AddRange(page.Data.AsArray().Select(d => d!["id"]!.GetValue<long>()));
            path = page.Json["links"]!["next"]?.GetValue<string>() is { } next ? new Uri(next).PathAndQuery : null;
        }

        Assert.Equal(ids, found);
        async Task<int> CountAsync(string query) => (await tenant.Api.GetAsync("/api/v1/messages?" + query)).Must(HttpStatusCode.OK).Data.AsArray().Count;
        Assert.Equal((3, 0, 0), (await CountAsync("filter[kind]=forward"), await CountAsync("filter[kind]=reply"), await CountAsync("filter[state]=failed")));
        Assert.Equal((3, 3), (await CountAsync($"filter[alias]={tenant.AliasId}"), await CountAsync($"filter[alias]=first@{tenant.Domain}")));
        Assert.Equal((3, 0), (await CountAsync("filter[since]=2026-01-01"), await CountAsync("filter[since]=2999-01-01%2010:00:00")));
    }

    [Theory]
    [InlineData("messages?filter[state]=lost", "filter[state]")]
    [InlineData("messages?filter[kind]=9", "filter[kind]")]
    [InlineData("messages?filter[since]=yesterday", "filter[since]")]
    [InlineData("messages?cursor=x", "cursor")]
    [InlineData("messages?cursor=99999999999999999999.1", "cursor")]
    [InlineData("messages?page[size]=1000", "page[size]")]
    [InlineData("refusals?page[number]=0", "page[number]")]
    [InlineData("bounces?page[size]=x", "page[size]")]
    [InlineData("failed-deliveries?filter[email_type]=x", "filter[email_type]")]
    [InlineData("contacts?filter[blocked]=maybe", "filter[blocked]")]
    [InlineData("messages?filter[alias]=%00", "filter[alias]")]
    public async Task A_wrong_query_is_named(string path, string field) =>
        (await (await server.AddTenantAsync()).Api.GetAsync("/api/v1/" + path)).MustFail(HttpStatusCode.UnprocessableEntity, field);

    [Fact]
    public async Task Failed_deliveries_have_addy_ios_fields_and_are_downloaded_sent_again_and_given_up()
    {
        var tenant = await server.AddTenantAsync();
        await StoreAsync(tenant);
        await StoreAsync(tenant);
        var page = (await tenant.Api.GetAsync("/api/v1/failed-deliveries?filter[email_type]=inbound_quarantined&page[size]=20")).Must(HttpStatusCode.OK);
        Assert.Equal(2, page.Json["meta"]!["total"]!.GetValue<int>());
        var failed = page.Data[0]!;
        Assert.Equal(FailedFields.Order(), failed.AsObject().Select(static p => p.Key).Order());
        Assert.Equal((tenant.AccountId, tenant.RecipientId), (failed["user_id"]!.GetValue<Guid>(), failed["recipient_id"]!.GetValue<Guid>()));
        Assert.Equal(("the first", "inbound_quarantined", "F"), (Text(failed, "alias_description"), Text(failed, "type"), Text(failed, "email_type")));
        var path = "/api/v1/failed-deliveries/" + Text(failed, "id");
        Assert.Equal(failed.ToJsonString(), (await tenant.Api.GetAsync(path)).Must(HttpStatusCode.OK).Data.ToJsonString());
        Assert.Equal(Content, (await tenant.Api.GetAsync(path + "/download")).Must(HttpStatusCode.OK).Text);

        // As addy.io's Android app sends it.
        (await tenant.Api.PostAsync(path + "/resend", """{"recipient_ids":"[]"}""")).Must(HttpStatusCode.NoContent);
        var other = Text((await tenant.Api.GetAsync("/api/v1/failed-deliveries?filter[email_type]=inbound_quarantined")).Data.AsArray()[^1]!, "id");
        (await tenant.Api.DeleteAsync("/api/v1/failed-deliveries/" + other)).Must(HttpStatusCode.NoContent);
        (await tenant.Api.GetAsync("/api/v1/failed-deliveries/" + other)).MustFail(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Refusals_are_listed_in_both_shapes()
    {
        var tenant = await server.AddTenantAsync();
        await server.Core<IMessageStore>().RecordRefusalAsync(
            new RefusalRow
            {
                Id = Guid.CreateVersion7(),
                At = DateTimeOffset.UnixEpoch,
                AccountId = tenant.AccountId,
                AliasAddress = "first@" + tenant.Domain,
                Sender = "spam@sender.test",
                ClientAddress = "192.0.2.9",
                Helo = "x",
                Reply = "550 5.7.1 blocked",
                Judgement = "no JSON",
            },
            TestContext.Current.CancellationToken);
        var refusal = Assert.Single((await tenant.Api.GetAsync("/api/v1/refusals")).Must(HttpStatusCode.OK).Data.AsArray())!;
        Assert.Equal(("550 5.7.1 blocked", "1970-01-01 00:00:00"), (Text(refusal, "reply"), Text(refusal, "at")));
        Assert.Null(refusal["judgement"]);
        var failed = Assert.Single((await tenant.Api.GetAsync("/api/v1/failed-deliveries?filter[email_type]=inbound")).Must(HttpStatusCode.OK).Data.AsArray())!;
        Assert.Equal(("inbound", "5.7.1"), (Text(failed, "type"), Text(failed, "status")));
        Assert.Empty((await (await server.AddTenantAsync()).Api.GetAsync("/api/v1/refusals")).Must(HttpStatusCode.OK).Data.AsArray());
        Assert.Empty((await tenant.Api.GetAsync("/api/v1/bounces")).Must(HttpStatusCode.OK).Data.AsArray());
    }

    /// <summary>A held message with a delivery for each tenant.</summary>
    private async Task<long> StoreAsync(params Tenant[] tenants)
    {
        var token = TestContext.Current.CancellationToken;
        var store = server.Core<IMessageStore>();
        var octets = Encoding.ASCII.GetBytes(Content);
        var id = await store.NextMessageIdAsync(token);
        var deliveries = tenants.Select((tenant, ordinal) => new NewDelivery(
            ordinal, tenant.AccountId, tenant.AliasId, "First@" + tenant.Domain, "jane@mail." + tenant.Domain, DeliveryState.Held, Leased: false)
        {
            Reason = "its sender could not be verified",
        });
        await store.StoreAsync(
            new NewMessage(
                id, TimeProvider.System.GetUtcNow(), "bob@sender.test", "192.0.2.7", "mx.sender.test", "ESMTPS", octets.Length, 0, octets, [.. deliveries])
            {
                Judgement = """{"dmarc":{"result":"fail","disposition":"reject"},"isAuthenticated":false}""",
            },
            token);
        return id;
    }

    private static string? Text(JsonNode node, string name) => node[name]?.GetValue<string>();
}
