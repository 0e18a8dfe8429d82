using System.Net;

namespace Smtpy.Api;

/// <summary>What the API is configured with.</summary>
public sealed record ApiOptions
{
    /// <summary>PUBLIC_URL: base of the links in answers.</summary>
    public Uri PublicUrl { get; init; } = new("http://localhost:8000");

    /// <summary>Requests a minute with one key. 300: five a second, more than any client of a person needs; a script is slowed, not stopped.</summary>
    public int RequestsPerKey { get; init; } = 300;

    /// <summary>Requests a minute without a valid key, from one IPv4 address or IPv6 /64. 60: enough to read the documents, too few to try things out.</summary>
    public int RequestsPerAddress { get; init; } = 60;

    /// <summary>Origins of web pages whose scripts may call the API; "*" for all. None: a browser lets no other site's script read answers.</summary>
    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    /// <summary>Proxies whose X-Forwarded-For is believed, for the limits by address.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];
}
