using Smtpy.Core.Storage.Sqlite;

namespace Smtpy.Core.Storage;

/// <summary>Turns DATABASE_URL into a database. The one place that knows which kinds there are.</summary>
public static class DatabaseLocation
{
    private const string Sqlite = "sqlite:";

    /// <param name="location">"sqlite:PATH", or null or empty for smtpy.db in the data folder.</param>
    /// <exception cref="FormatException">Nothing SMTPy can use; the message names what is accepted.</exception>
    public static IDatabase Parse(string? location, string dataFolder)
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

        // The value is not repeated: it may hold a password.
        throw new FormatException("DATABASE_URL is not understood; accepted is sqlite:PATH.");
    }
}
