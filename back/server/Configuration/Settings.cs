using System.Net;
using System.Net.NetworkInformation;
using Smtpy.Core.Coordination;

namespace Smtpy.Server.Configuration;

/// <summary>Every setting, read and checked once at the start (docs/configuration.md lists them). Nothing reads configuration later.</summary>
public sealed record Settings
{
    public const string DefaultDataFolder = "./data";

    public required string DataFolder { get; init; }

    public required DatabaseSettings Database { get; init; }

    public required string Hostname { get; init; }

    public required IPEndPoint SmtpListen { get; init; }

    /// <summary>Where people's programs submit mail with STARTTLS; null: nowhere.</summary>
    public required IPEndPoint? SubmissionListen { get; init; }

    /// <summary>Where they do with TLS from the start; null: nowhere.</summary>
    public required IPEndPoint? SubmissionsListen { get; init; }

    public required IPEndPoint ApiListen { get; init; }

    /// <summary>True where API_LISTEN was given: then the smtp role, too, serves health and metrics there.</summary>
    public required bool ApiListenIsSet { get; init; }

    public required Uri PublicUrl { get; init; }

    public required DeliverySettings Delivery { get; init; }

    public required ForwardingSettings Forwarding { get; init; }

    public required LimitSettings Limits { get; init; }

    public required FilterSettings Filters { get; init; }

    /// <summary>Null: no Redis; what it would do is done in memory.</summary>
    public required RedisOptions? Redis { get; init; }

    public required ApiSettings Api { get; init; }

    public required RetentionSettings Retention { get; init; }

    public required string? TlsCertificate { get; init; }

    public required string? TlsKey { get; init; }

    /// <summary>True where a pair that is not there is made: none is configured, or TLS_SELF_SIGNED=on.</summary>
    public required bool MakesCertificate { get; init; }

    /// <summary>TRUSTED_PROXIES: X-Forwarded-For and X-Forwarded-Proto are believed from these networks alone.</summary>
    public required IReadOnlyList<IPNetwork> TrustedProxies { get; init; }

    /// <summary>API_WORKERS: requests one process of the api role works on at once without waiting for a new thread.</summary>
    public required int ApiWorkers { get; init; }

    /// <summary>API_MAX_CONNECTIONS: open at once to the web port. 500: some hundred people, each with a few; a reverse proxy needs fewer.</summary>
    public required int ApiMaxConnections { get; init; }

    /// <summary>SECRET_KEY, or null: then one is made in the data folder.</summary>
    public required string? SecretKey { get; init; }

    public required IReadOnlyList<IPNetwork> ProxyNetworks { get; init; }

    public required LogSettings Log { get; init; }

    /// <summary>Names that are set and mean nothing to this version.</summary>
    public IReadOnlyList<string> Unused { get; private init; } = [];

    /// <summary>CAPTURE_WEB=any: the capture pages also answer clients that are not on this machine.</summary>
    public required bool CaptureIsPublic { get; init; }

    /// <exception cref="SettingException">A value is wrong; the first one found.</exception>
    public static Settings Read(SettingReader read)
    {
        var dataFolder = Path.GetFullPath(read.Text("SMTPY_DATA", DefaultDataFolder));
        var settings = new Settings
        {
            DataFolder = dataFolder,
            Database = DatabaseSettings.Read(read, dataFolder),
            Hostname = HostName(read),
            SmtpListen = read.EndPoint("SMTP_LISTEN", new IPEndPoint(IPAddress.Any, 1025)),
            SubmissionListen = read.EndPointOrOff("SUBMISSION_LISTEN", new IPEndPoint(IPAddress.Any, 1587)),
            SubmissionsListen = read.EndPointOrOff("SUBMISSIONS_LISTEN", new IPEndPoint(IPAddress.Any, 1465)),
            ApiListen = read.EndPoint("API_LISTEN", new IPEndPoint(IPAddress.Any, 8000)),
            ApiListenIsSet = read.Text("API_LISTEN") is not null,
            PublicUrl = Url(read, "PUBLIC_URL", "http://localhost:8000"),
            Delivery = DeliverySettings.Read(read),
            Forwarding = ForwardingSettings.Read(read),
            Limits = LimitSettings.Read(read),
            Filters = FilterSettings.Read(read),
            Redis = RedisSettings.Read(read),
            Api = ApiSettings.Read(read),
            Retention = RetentionSettings.Read(read),
            TlsCertificate = CertificateFile(read, "TLS_CERT", "TLS_KEY"),
            TlsKey = CertificateFile(read, "TLS_KEY", "TLS_CERT"),
            MakesCertificate = read.Text("TLS_CERT") is null || MakesCertificateAt(read),
            TrustedProxies = read.Networks("TRUSTED_PROXIES", []),
            // 4: what the deployment documents promise; here they are threads, and more of them only cost memory.
            ApiWorkers = read.Number("API_WORKERS", 4, 1, 64),
            ApiMaxConnections = read.Number("API_MAX_CONNECTIONS", 500, 1, int.MaxValue),
            SecretKey = Secret(read),
            ProxyNetworks = read.Networks("SMTP_PROXY_PROTOCOL", []),
            Log = LogSettings.Read(read),
            CaptureIsPublic = read.Choice("CAPTURE_WEB", "local", "local", "any") == "any",
        };
        return settings with { Unused = read.Unused };
    }

    private static string HostName(SettingReader read)
    {
        if (read.Text("SMTP_HOSTNAME") is not { } name)
        {
            var own = IPGlobalProperties.GetIPGlobalProperties();
            var full = own.DomainName.Length > 0 ? $"{own.HostName}.{own.DomainName}" : own.HostName;
            return Uri.CheckHostName(full) == UriHostNameType.Dns ? full.ToLowerInvariant() : "localhost";
        }

        return Uri.CheckHostName(name) == UriHostNameType.Dns && name.All(char.IsAscii)
            ? name.ToLowerInvariant()
            : throw new SettingException("SMTP_HOSTNAME", name, "a host name such as mx.example.org");
    }

    private static Uri Url(SettingReader read, string name, string fallback)
    {
        var text = read.Text(name, fallback);
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new SettingException(name, text, "a URL that begins with http:// or https://");
    }

    private static string? CertificateFile(SettingReader read, string name, string other)
    {
        if (read.Text(name) is not { } path)
        {
            return null;
        }

        if (read.Text(other) is null)
        {
            throw new SettingException(name, path, $"TLS_CERT and TLS_KEY together, or neither; {other} is not set");
        }

        return File.Exists(path) || MakesCertificateAt(read) ? Path.GetFullPath(path) : throw new SettingException(name, path, "the path of a PEM file that exists");
    }

    private static bool MakesCertificateAt(SettingReader read) => read.Choice("TLS_SELF_SIGNED", "off", "on", "off") == "on";

    private static string? Secret(SettingReader read)
    {
        const int least = 16;
        var secret = read.Secret("SECRET_KEY");
        return secret is null || secret.Length >= least
            ? secret
            : throw new SettingException("SECRET_KEY", secret, $"at least {least} characters, such as `openssl rand -base64 32` prints");
    }
}
