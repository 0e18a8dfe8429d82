using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Smtpy.Api.Tests;

public sealed class HostileTestsOnSqlite(SqliteServer server) : HostileTests(server);

public sealed class HostileTestsOnPostgres(ServerOnPostgres server) : HostileTests(server);

/// <summary>Whatever is sent, the answer is JSON that says what is wrong, and never a 500.</summary>
public abstract class HostileTests(ApiServer server)
{
    [Theory]
    [InlineData("GET", "/api", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/v1/nothing", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/v1/aliases/not-an-id", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/v1/%3Cscript%3E", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/v1/..%2f..%2fetc/passwd", HttpStatusCode.NotFound)]
    [InlineData("PUT", "/api/v1/aliases", HttpStatusCode.MethodNotAllowed)]
    [InlineData("DELETE", "/api/v1/aliases", HttpStatusCode.MethodNotAllowed)]
    public async Task Unknown_paths_and_methods_are_answered_in_JSON(string method, string path, HttpStatusCode status)
    {
        var tenant = await server.AddTenantAsync();
        (await tenant.Api.SendAsync(new HttpMethod(method), path)).MustFail(status);
    }

    public static TheoryData<byte[], HttpStatusCode> Bodies => new()
    {
        { "{\"domain\":"u8.ToArray(), HttpStatusCode.BadRequest },
        { "nonsense"u8.ToArray(), HttpStatusCode.BadRequest },
        { [0xFF, 0xFE, 0x7B, 0x00], HttpStatusCode.BadRequest },
        { [.. "{\"domain\":\""u8, 0xC3, 0x28, .. "\"}"u8], HttpStatusCode.UnprocessableEntity },
        { "{\"domain\":\"\\ud800\"}"u8.ToArray(), HttpStatusCode.UnprocessableEntity },
        { "[]"u8.ToArray(), HttpStatusCode.BadRequest },
        { "\"text\""u8.ToArray(), HttpStatusCode.BadRequest },
        { "null"u8.ToArray(), HttpStatusCode.UnprocessableEntity },
        { Encoding.ASCII.GetBytes("{\"unknown\":" + new string('[', 20_000)), HttpStatusCode.BadRequest },
        { Encoding.ASCII.GetBytes("{\"domain\":\"" + new string('a', 100_000) + "\"}"), HttpStatusCode.RequestEntityTooLarge },
        { "{\"domain\":1e999999}"u8.ToArray(), HttpStatusCode.UnprocessableEntity },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_body_that_cannot_be_read_is_refused(byte[] body, HttpStatusCode status)
    {
        var tenant = await server.AddTenantAsync();
        (await tenant.Api.SendAsync(HttpMethod.Post, "/api/v1/aliases", body)).MustFail(status);
    }

    /// <summary>It is wrong twice, and which is seen first depends on how much of it has arrived: reading ends at the first.</summary>
    [Fact]
    public async Task A_field_that_nests_without_end_is_refused()
    {
        var tenant = await server.AddTenantAsync();
        var answer = await tenant.Api.PostAsync("/api/v1/aliases", "{\"domain\":" + new string('[', 20_000));
        answer.MustFail(answer.Status == HttpStatusCode.BadRequest ? HttpStatusCode.BadRequest : HttpStatusCode.UnprocessableEntity);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("text/html")]
    public async Task Other_than_JSON_is_not_taken(string contentType)
    {
        var tenant = await server.AddTenantAsync();
        (await tenant.Api.SendAsync(HttpMethod.Post, "/api/v1/aliases", "{}", contentType)).MustFail(HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task Any_JSON_in_any_field_is_taken_or_refused_but_breaks_nothing()
    {
        var tenant = await server.AddTenantAsync();
        var text = ArbMap.Default.GeneratorFor<string>().Select(t => System.Text.Json.JsonSerializer.Serialize(t));
        var scalar = Gen.OneOf(
            text, Gen.Elements("null", "true", "-0", "1e400", "9223372036854775808", "\"\\u0000\"", "\"\\udfff\"", "\"\\u202e\"", "{}", "[]", "[[]]", "{\"a\":null}"));
        var value = Gen.OneOf(scalar, scalar.ListOf(3).Select(v => "[" + string.Join(',', v) + "]"));
        var body =
            from domain in Gen.Elements($"\"{tenant.Domain}\"", "null").Or(value)
            from format in Gen.Elements("\"custom\"", "\"uuid\"", "null").Or(value)
            from local in value
            from description in value
            from recipients in Gen.Elements("null", "[]", $"[\"{tenant.RecipientId}\"]").Or(value)
            select $$"""{"domain":{{domain}},"format":{{format}},"local_part":{{local}},"description":{{description}},"recipient_ids":{{recipients}},"x":{{local}}}""";
        foreach (var sample in body.Sample(300))
        {
            var answer = await tenant.Api.PostAsync("/api/v1/aliases", sample);
            Assert.True(
                answer.Status is HttpStatusCode.Created or HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest, $"{answer.Status} for {sample}");
            if (answer.Status != HttpStatusCode.Created)
            {
                answer.MustFail(answer.Status);
            }
        }

        (await tenant.Api.GetAsync("/api/v1/aliases")).Must(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_browser_may_send_keys_from_configured_origins_only()
    {
        var anybody = new ApiClient(server.Address, null);
        (string, string)[] preflight = [("Access-Control-Request-Method", "PATCH"), ("Access-Control-Request-Headers", "authorization,content-type,x-requested-with,x-requested-from")];
        var allowed = await anybody.SendAsync(HttpMethod.Options, "/api/v1/aliases", headers: [("Origin", "https://vault.example.org"), .. preflight]);
        Assert.Equal(HttpStatusCode.NoContent, allowed.Status);
        Assert.Equal("https://vault.example.org", allowed.Headers["Access-Control-Allow-Origin"]);
        Assert.Contains("authorization", allowed.Headers["Access-Control-Allow-Headers"], StringComparison.OrdinalIgnoreCase);
        Assert.Contains("PATCH", allowed.Headers["Access-Control-Allow-Methods"], StringComparison.Ordinal);
        var refused = await anybody.SendAsync(HttpMethod.Options, "/api/v1/aliases", headers: [("Origin", "https://evil.example"), .. preflight]);
        Assert.DoesNotContain("Access-Control-Allow-Origin", refused.Headers.Keys);
    }

    [Fact]
    public async Task The_document_describes_every_call_with_its_errors_and_the_page_for_it_needs_nobody_else()
    {
        var anybody = new ApiClient(server.Address, null);
        var document = (await anybody.GetAsync("/api/v1/openapi.json")).Must(HttpStatusCode.OK).Json;
        var operations = document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(o => (Path: p.Key, Method: o.Key, Operation: o.Value!))).ToList();
        Assert.True(operations.Count > 30, $"{operations.Count} operations");
        Assert.All(operations, o =>
        {
            Assert.False(string.IsNullOrEmpty(o.Operation["summary"]?.GetValue<string>()), o.Path);
            Assert.NotNull(o.Operation["security"]);
            Assert.All(new[] { "401", "403", "429", "503" }, status => Assert.NotNull(o.Operation["responses"]![status]));
            Assert.Contains(o.Operation["responses"]!.AsObject(), r => r.Key.StartsWith('2'));
            Assert.True(o.Operation["requestBody"] is null || o.Operation["responses"]!["415"] is not null, o.Path);
        });
        Assert.NotNull(document["components"]!["securitySchemes"]!["key"]);
        Assert.Contains("AliasResource", document["components"]!["schemas"]!.AsObject().Select(s => s.Key));

        var page = (await anybody.GetAsync("/api/docs/")).Must(HttpStatusCode.OK);
        Assert.DoesNotContain("://", page.Text, StringComparison.Ordinal);
        Assert.Contains("default-src 'self'", page.Headers["Content-Security-Policy"], StringComparison.Ordinal);
        (await anybody.GetAsync("/api/docs/scalar.js")).Must(HttpStatusCode.OK);
    }
}
