using System.Globalization;
using Smtpy.Core.Coordination;

namespace Smtpy.Server.Configuration;

/// <summary>REDIS_URL, or REDIS_HOST with REDIS_PORT and REDIS_PASSWORD (a password from base64 does not fit into a URL as it is).</summary>
public static class RedisSettings
{
    private const string Accepted = "redis://[[user]:password@]host[:port][/database], or rediss://… for TLS";

    /// <returns>Null where Redis is not configured.</returns>
    public static RedisOptions? Read(SettingReader read)
    {
        const string name = "REDIS_URL";
        if (read.Text(name) is { } text)
        {
            return Parse(text) ?? throw new SettingException(name, text, Accepted);
        }

        return read.Text("REDIS_HOST") is { } host
            ? new RedisOptions
            {
                Host = Uri.CheckHostName(host) != UriHostNameType.Unknown ? host : throw new SettingException("REDIS_HOST", host, "a host name or address"),
                Port = read.Number("REDIS_PORT", 6379, 1, 65535),
                Password = read.Secret("REDIS_PASSWORD"),
            }
            : null;
    }

    private static RedisOptions? Parse(string text)
    {
        var path = Uri.TryCreate(text, UriKind.Absolute, out var url) ? url.AbsolutePath.Trim('/') : "";
        var database = 0;
        if (url is null || url.Scheme is not ("redis" or "rediss") || url.Host.Length == 0
            || path.Length > 0 && (!int.TryParse(path, NumberStyles.None, CultureInfo.InvariantCulture, out database) || database > 1_000_000))
        {
            return null;
        }

        var colon = url.UserInfo.IndexOf(':', StringComparison.Ordinal);
        var user = Uri.UnescapeDataString(colon < 0 ? "" : url.UserInfo[..colon]);
        return new RedisOptions
        {
            Host = url.IdnHost.Trim('[', ']'),
            Port = url.Port > 0 ? url.Port : 6379,
            User = user.Length > 0 ? user : null,
            Password = url.UserInfo.Length > 0 ? Uri.UnescapeDataString(url.UserInfo[(colon + 1)..]) : null,
            Database = database,
            Tls = url.Scheme == "rediss",
        };
    }
}
