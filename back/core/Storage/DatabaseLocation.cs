using Smtpy.Core.Storage.Postgres;
using Smtpy.Core.Storage.Sqlite;

namespace Smtpy.Core.Storage;

/// <summary>Turns DATABASE_URL into a database. The one place that knows which kinds there are.</summary>
public static class DatabaseLocation
{
    public const string Accepted = "sqlite:PATH or " + PostgresLocation.Accepted;

    private const string Sqlite = "sqlite:";

    /// <param name="location">
    /// "sqlite:PATH", "postgres://USER:PASSWORD@HOST:PORT/DATABASE", or null or empty for smtpy.db in the data folder.
    /// </param>
    /// <exception cref="FormatException">Nothing SMTPy can use; the message names what is accepted and never holds a password.</exception>
    public static IDatabase Parse(string? location, string dataFolder, PostgresOptions? postgres = null)
    {
        if (string.IsNullOrWhiteSpace(location))
        {
            return new SqliteDatabase(Path.Combine(dataFolder, "smtpy.db"));
        }

        if (location.StartsWith(Sqlite, StringComparison.OrdinalIgnoreCase) && location.Length > Sqlite.Length)
        {
            // "sqlite:///path" is what other tools write for an absolute path.
            var path = location[Sqlite.Length..];
            return new SqliteDatabase(path.StartsWith("//", StringComparison.Ordinal) ? path[2..] : path);
        }

        return PostgresLocation.IsScheme(location)
            ? new PostgresDatabase(PostgresLocation.Parse(location), postgres ?? new PostgresOptions())
            : throw new FormatException("DATABASE_URL is not understood; accepted is " + Accepted);
    }
}
