using System.Security.Cryptography;
using System.Text;
using Smtpy.Core;
using Smtpy.Core.Backups;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Sqlite;
using Smtpy.Server.Commands;
using Smtpy.Server.Configuration;

namespace Smtpy.Server.Backups;

/// <summary>
/// As much of the settings as says what belongs to an instance on SQLite. The rest of them may be as wrong as it likes: a rescue must not
/// fail for a certificate that is missing.
/// </summary>
/// <param name="Outside">What belongs to the instance and is not in its data folder, in words.</param>
internal sealed record EmbeddedInstance(string DataFolder, SqliteDatabase Database, string? Secret, IReadOnlyList<string> Outside)
{
    public static Outcome<EmbeddedInstance> Read() => Read(CommandEnvironment.Settings());

    /// <summary>As it would be with the settings file that lies in another folder.</summary>
    public static Outcome<EmbeddedInstance> ReadWith(string fileFolder) => Read(CommandEnvironment.SettingsWith(fileFolder));

    /// <summary>Says whether two secrets are the same one, and nothing else of them (RFC 5869). Null where there is none yet.</summary>
    public string? SecretCheck()
    {
        var file = Path.Combine(DataFolder, BackupContents.Secret);
        var secret = Secret ?? (File.Exists(file) ? File.ReadAllText(file).Trim() : "");
        const int octets = 8;
        return secret.Length == 0 ? null : Convert.ToHexStringLower(HKDF.DeriveKey(
            HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), octets, info: "smtpy backup: which secret"u8.ToArray()));
    }

    private static Outcome<EmbeddedInstance> Read(SettingReader read)
    {
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(read.Text("SMTPY_DATA", Settings.DefaultDataFolder)));
        var settings = DatabaseSettings.Read(read, folder);
        if (DatabaseLocation.Parse(settings.Location, folder, settings.Postgres) is not SqliteDatabase database)
        {
            return Problem.NotPossible(
                "The database is PostgreSQL: scripts/backup.sh and scripts/restore.sh do this there (docs/DEPLOYMENT_GUIDE.md, section 6).");
        }

        var secret = read.Secret("SECRET_KEY");
        List<string> outside = secret is null ? [] : ["SECRET_KEY, which is set"];
        foreach (var name in new[] { "TLS_CERT", "TLS_KEY" })
        {
            if (read.Text(name) is { } path)
            {
                outside.Add($"{name}, which is {path}");
            }
        }

        return new EmbeddedInstance(folder, database, secret, outside);
    }
}
