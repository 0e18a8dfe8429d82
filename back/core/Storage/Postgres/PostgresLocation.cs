using System.Globalization;

namespace Smtpy.Core.Storage.Postgres;

/// <summary>Where a PostgreSQL database is and who we are there.</summary>
/// <param name="SslMode">libpq's word: disable, allow, prefer, require, verify-ca or verify-full.</param>
/// <param name="RootCertificate">PEM file that the server's certificate is checked against; null for the system's.</param>
public sealed record PostgresLocation(
    string Host, int Port, string Database, string User, string Password, string SslMode = "prefer", string? RootCertificate = null)
{
    public const int DefaultPort = 5432;

    public const string Accepted = "postgres://USER:PASSWORD@HOST:5432/DATABASE, with ?sslmode=… where needed";

    private static readonly string[] SslModes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

    public static bool IsScheme(string location) =>
        location.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase)
        || location.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase);

    /// <summary>RFC 3986, as libpq reads it: what is special in a URL is percent-encoded in user, password and database.</summary>
    /// <exception cref="FormatException">Not understood; the message never repeats the value, which holds a password.</exception>
    public static PostgresLocation Parse(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.Fragment.Length > 0)
        {
            throw Wrong("it is no URL; characters such as / ? # @ in the password must be percent-encoded");
        }

        var (user, password) = Split(uri.UserInfo, ':');
        var database = Uri.UnescapeDataString(uri.AbsolutePath.TrimStart('/'));
        if (user.Length == 0)
        {
            throw Wrong("the user is missing");
        }

        if (database.Length == 0 || database.Contains('/', StringComparison.Ordinal))
        {
            throw Wrong("the database is missing");
        }

        var location = new PostgresLocation(uri.IdnHost.Trim('[', ']'), uri.Port < 0 ? DefaultPort : uri.Port, database, user, password);
        return uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Aggregate(location, WithParameter);
    }

    /// <summary>The URL that <see cref="Parse"/> reads. Holds the password.</summary>
    public string ToUrl()
    {
        var host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        var root = RootCertificate is null ? "" : "&sslrootcert=" + Uri.EscapeDataString(RootCertificate);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"postgres://{Uri.EscapeDataString(User)}:{Uri.EscapeDataString(Password)}@{host}:{Port}/{Uri.EscapeDataString(Database)}?sslmode={SslMode}{root}");
    }

    /// <summary>Without the password, so that no log or message can show it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"postgres://{User}@{Host}:{Port}/{Database}");

    public static bool IsSslMode(string mode) => SslModes.Contains(mode, StringComparer.Ordinal);

    private static PostgresLocation WithParameter(PostgresLocation location, string parameter)
    {
        var (name, value) = Split(parameter, '=');
        return name switch
        {
            "sslmode" when IsSslMode(value) => location with { SslMode = value },
            "sslmode" => throw Wrong("sslmode is one of " + string.Join(", ", SslModes)),
            "sslrootcert" => location with { RootCertificate = value },
            _ => throw Wrong("of parameters, sslmode and sslrootcert are understood"),
        };
    }

    private static (string Name, string Value) Split(string text, char separator)
    {
        var at = text.IndexOf(separator, StringComparison.Ordinal);
        return at < 0
            ? (Uri.UnescapeDataString(text), "")
            : (Uri.UnescapeDataString(text[..at]), Uri.UnescapeDataString(text[(at + 1)..]));
    }

    private static FormatException Wrong(string why) => new($"{why}; accepted is {Accepted}");
}
