using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Postgres;

namespace Smtpy.Server.Configuration;

/// <summary>Where the database is: DATABASE_URL, or POSTGRES_*, or SQLite in the data folder.</summary>
/// <param name="Location">What <see cref="DatabaseLocation.Parse"/> reads. May hold a password: never to be shown.</param>
/// <param name="Wait">How long a start waits for a server that is not up yet.</param>
public sealed record DatabaseSettings(string Location, PostgresOptions Postgres, TimeSpan Wait)
{
    private const string Sqlite = "sqlite:";

    public static DatabaseSettings Read(SettingReader read, string dataFolder)
    {
        var options = new PostgresOptions();
        options = options with
        {
            PoolSize = read.Number("DATABASE_POOL", options.PoolSize, 5, 1000),
            Writers = read.Number("DATABASE_WRITERS", options.Writers, 1, 4),
        };

        // 60 s: a PostgreSQL container that recovers after a crash is up well before.
        return new DatabaseSettings(
            LocationOf(read, dataFolder), options, read.Seconds("DATABASE_WAIT", TimeSpan.FromSeconds(60), 0, 3600));
    }

    public bool IsEmbedded => Location.StartsWith(Sqlite, StringComparison.Ordinal);

    /// <summary>Nothing of the location, which may hold a password.</summary>
    public override string ToString() => nameof(DatabaseSettings);

    private static string LocationOf(SettingReader read, string dataFolder)
    {
        if (read.Text("DATABASE_URL") is { } url)
        {
            return url.StartsWith(Sqlite, StringComparison.OrdinalIgnoreCase) && url.Length > Sqlite.Length
                ? SqliteAt(url[Sqlite.Length..])
                : PostgresAt(url);
        }

        return read.Text("POSTGRES_HOST") is { } host ? FromParts(read, host).ToUrl() : SqliteAt(Path.Combine(dataFolder, "smtpy.db"));
    }

    /// <summary>"sqlite:///path" is what other tools write for an absolute path.</summary>
    private static string SqliteAt(string path) =>
        Sqlite + Path.GetFullPath(path.StartsWith("//", StringComparison.Ordinal) ? path[2..] : path);

    private static string PostgresAt(string url)
    {
        if (!PostgresLocation.IsScheme(url))
        {
            throw new SettingException("DATABASE_URL", url, DatabaseLocation.Accepted);
        }

        try
        {
            return PostgresLocation.Parse(url).ToUrl();
        }
        catch (FormatException wrong)
        {
            throw new SettingException("DATABASE_URL", url, wrong.Message);
        }
    }

    private static PostgresLocation FromParts(SettingReader read, string host)
    {
        if (Uri.CheckHostName(host.Trim('[', ']')) is UriHostNameType.Unknown)
        {
            throw new SettingException("POSTGRES_HOST", host, "a host name or an IP address; the port is POSTGRES_PORT");
        }

        return new PostgresLocation(
            host.Trim('[', ']'), read.Number("POSTGRES_PORT", PostgresLocation.DefaultPort, 1, 65535), Needed(read, "POSTGRES_DB"),
            Needed(read, "POSTGRES_USER"), read.Secret("POSTGRES_PASSWORD") ?? throw Missing("POSTGRES_PASSWORD"),
            read.Choice("POSTGRES_SSLMODE", "prefer", "disable", "allow", "prefer", "require", "verify-ca", "verify-full"));
    }

    private static string Needed(SettingReader read, string name) => read.Text(name) ?? throw Missing(name);

    private static SettingException Missing(string name) => new(name, "", "a value, because POSTGRES_HOST is set");
}
