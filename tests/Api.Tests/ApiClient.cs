using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Smtpy.Api.Tests;

/// <summary>Sends what a client sends and keeps to what every answer must be.</summary>
public sealed class ApiClient(Uri address, string? key)
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> PostAsync(string path, object? body = null) => SendAsync(HttpMethod.Post, path, body);

    public Task<Answer> PatchAsync(string path, object? body = null) => SendAsync(HttpMethod.Patch, path, body);

    public Task<Answer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    /// <param name="body">Text is sent as it is, octets too; anything else as JSON.</param>
    public async Task<Answer> SendAsync(
        HttpMethod method, string path, object? body = null, string? contentType = "application/json", params (string Name, string Value)[] headers)
    {
        // Only this keeps a doubled slash and an unescaped key as they are.
        var uri = new Uri(address.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(method, uri);
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (body is not null)
        {
            request.Content = new ByteArrayContent(body switch
            {
                byte[] octets => octets,
                string text => Encoding.UTF8.GetBytes(text),
                _ => System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(body),
            });
            request.Content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        }

        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        var content = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new Answer(
            response.StatusCode, content, response.Content.Headers.ContentType?.MediaType,
            response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(',', h.Value), StringComparer.OrdinalIgnoreCase));
    }
}

public sealed record Answer(HttpStatusCode Status, string Text, string? MediaType, IReadOnlyDictionary<string, string> Headers)
{
    public JsonNode Json => JsonNode.Parse(Text) ?? throw new InvalidOperationException("The answer is null.");

    public JsonNode Data => Json["data"] ?? throw new InvalidOperationException("No data: " + Text);

    public Guid Id => Data["id"]!.GetValue<Guid>();

    public string? Message => Json["message"]?.GetValue<string>();

    public Answer Must(HttpStatusCode status)
    {
        Assert.True(Status == status, $"{Status} instead of {status}: {Text}");
        return this;
    }

    /// <summary>An error as clients can read it: JSON with a message, and nothing that looks like a page.</summary>
    public Answer MustFail(HttpStatusCode status, string? field = null)
    {
        Must(status);
        Assert.Equal("application/json", MediaType);
        Assert.DoesNotContain('<', Text);
        Assert.DoesNotContain("   at ", Text, StringComparison.Ordinal);
        Assert.False(string.IsNullOrEmpty(Message), Text);
        if (field is not null)
        {
            Assert.NotNull(Json["errors"]?[field]);
        }

        return this;
    }
}
