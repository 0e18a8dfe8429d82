namespace Smtpy.Core.Backups;

/// <summary>What can be in a backup: the names of the data folder's files that cannot be made again.</summary>
public static class BackupContents
{
    public const string Database = "smtpy.db";

    /// <summary>Opens what is sealed in the database.</summary>
    public const string Secret = "secret.key";

    public const string Settings = "smtpy.json";

    public const string Certificate = "tls-cert.pem";

    public const string CertificateKey = "tls-key.pem";

    /// <summary>A folder: what seals the sessions of those who are signed in.</summary>
    public const string KeyRing = "keys";

    private const string KeyExtension = ".xml";

    /// <summary>The database itself, what SQLite keeps beside it, and our locks.</summary>
    private static readonly string[] BesideDatabase = ["", "-wal", "-shm", "-journal", ".lock", ".use"];

    /// <summary>
    /// Names become paths of files that are written, so only those that we write ourselves are taken: none leads out of the folder, and none
    /// is a file that this program gives a meaning but does not back up.
    /// </summary>
    public static bool IsKnown(string? name) => name switch
    {
        Database or Secret or Settings or Certificate or CertificateKey => true,
        null => false,
        _ => name.StartsWith(KeyRing + "/", StringComparison.Ordinal) && IsKey(name.AsSpan(KeyRing.Length + 1)),
    };

    /// <summary>The files of a data folder that belong into a backup, without the database, by name.</summary>
    public static IReadOnlyList<BackupSource> FilesOf(string dataFolder)
    {
        var keys = Path.Combine(dataFolder, KeyRing);
        return
        [
            .. new[] { Secret, Settings, Certificate, CertificateKey }
                .Select(name => new BackupSource(name, Path.Combine(dataFolder, name))).Where(static source => File.Exists(source.Path)),
            .. (Directory.Exists(keys) ? Directory.GetFiles(keys) : [])
                .Select(static path => new BackupSource(KeyRing + "/" + Path.GetFileName(path), path)).Where(static source => IsKnown(source.Name))
                .OrderBy(static source => source.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>Whether a path is one that an instance keeps itself in: a backup written there would destroy what it is to save.</summary>
    /// <param name="path">Absolute, as the others.</param>
    public static bool IsOfTheInstance(string path, string dataFolder, string database)
    {
        var file = Real(path);
        string[] files = [Secret, Settings, Certificate, CertificateKey, Path.GetFileName(RestorePlan.PathIn(dataFolder))];
        string[] folders = [Path.Combine(dataFolder, KeyRing), Path.Combine(dataFolder, RestoreBackup.ReadyFolder)];
        return BesideDatabase.Any(suffix => file == Real(database + suffix))
            || files.Any(name => file == Real(Path.Combine(dataFolder, name)))
            || folders.Any(folder => file.StartsWith(Real(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal));
    }

    /// <summary>By the folders that links lead to, so that a file has one name. Itself it may be a link: that is replaced, not what it leads to.</summary>
    private static string Real(string path) =>
        Path.GetDirectoryName(path) is { } folder ? Path.Combine(RealFolder(folder), Path.GetFileName(path)) : path;

    private static string RealFolder(string folder)
    {
        var path = Real(folder);
        return Directory.Exists(path) && Directory.ResolveLinkTarget(path, returnFinalTarget: true) is { } target ? target.FullName : path;
    }

    private static bool IsKey(ReadOnlySpan<char> file)
    {
        const int longest = 100;
        if (!file.EndsWith(KeyExtension, StringComparison.Ordinal) || file.Length > longest + KeyExtension.Length)
        {
            return false;
        }

        var name = file[..^KeyExtension.Length];
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-')
            {
                return false;
            }
        }

        return !name.IsEmpty;
    }
}

/// <param name="Name">In the backup.</param>
public readonly record struct BackupSource(string Name, string Path);
