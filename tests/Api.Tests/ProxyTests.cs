using System.Globalization;
using System.Net;

namespace Smtpy.Api.Tests;

/// <summary>X-Forwarded-For is believed from the networks of TRUSTED_PROXIES and nobody else.</summary>
public sealed class ProxyTests
{
    private const int Limit = 5;

    [Fact]
    public async Task Behind_a_trusted_proxy_each_client_has_a_limit_of_its_own()
    {
        await using var server = new LimitedServer("127.0.0.1/32");
        await server.InitializeAsync();
        var anybody = new ApiClient(server.Address, null);

        // Also when the minute turns in the middle of it.
        Answer last;
        var asked = 0;
        do
        {
            // What the client claims comes first; the proxy's word is the last one.
            last = await AskAsync(anybody, $"198.51.100.{++asked}, 203.0.113.1");
        }
        while (last.Status != HttpStatusCode.TooManyRequests && asked < 4 * Limit);

        last.MustFail(HttpStatusCode.TooManyRequests);
        var other = (await AskAsync(anybody, "203.0.113.2")).MustFail(HttpStatusCode.Unauthorized);
        Assert.Equal(Limit - 1, Remaining(other));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("10.0.0.0/8,fd00::/8")]
    public async Task Anybody_else_who_claims_to_be_others_is_counted_as_himself(string? trusted)
    {
        await using var server = new LimitedServer(trusted);
        await server.InitializeAsync();
        var anybody = new ApiClient(server.Address, null);
        Answer last;
        var asked = 0;
        do
        {
            last = await AskAsync(anybody, $"203.0.113.{++asked}");
        }
        while (last.Status != HttpStatusCode.TooManyRequests && asked < 4 * Limit);

        last.MustFail(HttpStatusCode.TooManyRequests);
    }

    [Theory]
    [InlineData(null, null, HttpStatusCode.OK)]
    [InlineData(null, "203.0.113.9", HttpStatusCode.Forbidden)]
    [InlineData(null, "127.0.0.1", HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.1", "203.0.113.9", HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.1", "127.0.0.1, 203.0.113.9", HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.1", "203.0.113.9, 127.0.0.1", HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.1", "nonsense", HttpStatusCode.Forbidden)]
    public async Task The_capture_pages_stay_closed_to_whoever_comes_through_a_proxy(string? trusted, string? forwardedFor, HttpStatusCode expected)
    {
        await using var server = new LimitedServer(trusted);
        await server.InitializeAsync();
        var anybody = new ApiClient(server.Address, null);
        var answer = forwardedFor is null ? await anybody.GetAsync("/capture") : await AskAsync(anybody, forwardedFor, "/capture");
        answer.Must(expected);
    }

    private static Task<Answer> AskAsync(ApiClient client, string forwardedFor, string path = "/api/v1/aliases") =>
        client.SendAsync(HttpMethod.Get, path, headers: ("X-Forwarded-For", forwardedFor));

    private static int Remaining(Answer answer) => int.Parse(answer.Headers["X-RateLimit-Remaining"], CultureInfo.InvariantCulture);

    private sealed class LimitedServer(string? trusted) : ApiServer(new Dictionary<string, string?>
    {
        ["TRUSTED_PROXIES"] = trusted,
        ["API_REQUESTS_PER_ADDRESS"] = Limit.ToString(CultureInfo.InvariantCulture),
    });
}
