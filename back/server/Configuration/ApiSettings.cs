using System.Net;
using Smtpy.Api;

namespace Smtpy.Server.Configuration;

/// <summary>The API: CORS_ORIGINS, API_REQUESTS_PER_KEY, API_REQUESTS_PER_ADDRESS, TRUSTED_PROXIES.</summary>
public sealed record ApiSettings
{
    public required IReadOnlyList<string> CorsOrigins { get; init; }

    public required int RequestsPerKey { get; init; }

    public required int RequestsPerAddress { get; init; }

    public required IReadOnlyList<IPNetwork> TrustedProxies { get; init; }

    public static ApiSettings Read(SettingReader read)
    {
        var defaults = new ApiOptions();
        return new ApiSettings
        {
            CorsOrigins = Origins(read),
            RequestsPerKey = read.Number("API_REQUESTS_PER_KEY", defaults.RequestsPerKey, 1, int.MaxValue),
            RequestsPerAddress = read.Number("API_REQUESTS_PER_ADDRESS", defaults.RequestsPerAddress, 1, int.MaxValue),
            TrustedProxies = read.Networks("TRUSTED_PROXIES", []),
        };
    }

    private static string[] Origins(SettingReader read)
    {
        const string name = "CORS_ORIGINS";
        if (read.Text(name) is not { } text)
        {
            return [];
        }

        return Array.ConvertAll(text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), origin => Origin(origin)
            ?? throw new SettingException(name, text, "origins separated by commas, such as https://vault.example.org; or * for all"));
    }

    /// <summary>Scheme, host and port as browsers send them (RFC 6454 section 6.2); extensions have schemes of their own.</summary>
    private static string? Origin(string text)
    {
        if (text == "*")
        {
            return text;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0 && uri is { PathAndQuery: "/" or "", Fragment: "", UserInfo: "" }
            ? text.TrimEnd('/')
            : null;
    }
}
