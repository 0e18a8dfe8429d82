using Microsoft.AspNetCore.Http;

namespace Smtpy.Api.Http;

/// <summary>
/// Makes of what clients send what they mean, before anything is routed: slashes doubled because the base URL was typed with one
/// at its end (Bitwarden takes it as typed, and follows no redirect), and PATCH or DELETE sent as POST with
/// X-HTTP-Method-Override (addy.io for Android, whose HTTP library knows no PATCH).
/// </summary>
internal sealed class ApiPaths(RequestDelegate next)
{
    private const string Override = "X-HTTP-Method-Override";

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var path = request.Path.Value ?? "";
        if (path.Contains("//", StringComparison.OrdinalIgnoreCase))
        {
            var single = "/" + string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries));
            if (single.StartsWith("/api/", StringComparison.OrdinalIgnoreCase))
            {
                request.Path = single;
            }
        }

        if (HttpMethods.IsPost(request.Method) && request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
            && request.Headers.TryGetValue(Override, out var method) && Overriding(method.ToString()) is { } meant)
        {
            request.Method = meant;
        }

        return next(context);
    }

    private static string? Overriding(string method) => method.ToUpperInvariant() switch
    {
        "PATCH" => HttpMethods.Patch,
        "PUT" => HttpMethods.Put,
        "DELETE" => HttpMethods.Delete,
        _ => null,
    };
}
