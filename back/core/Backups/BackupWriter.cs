using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Smtpy.Core.Backups;

/// <summary>Writes a backup: a tar (POSIX.1-2001, so entries have any size), compressed by gzip (RFC 1952); any tar unpacks it.</summary>
internal static class BackupWriter
{
    /// <summary>What an entry will say of a file.</summary>
    public static async Task<BackupEntry> DescribeAsync(BackupSource source, CancellationToken cancellationToken)
    {
        await using var file = OpenRead(source.Path);
        return new BackupEntry(source.Name, file.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken)));
    }

    /// <param name="sources">In the manifest's order.</param>
    public static async Task WriteAsync(
        Stream target, BackupManifest manifest, IReadOnlyList<BackupSource> sources, CancellationToken cancellationToken)
    {
        await using var gzip = new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true);
        await using var tar = new TarWriter(gzip, TarEntryFormat.Pax, leaveOpen: true);
        using var octets = new MemoryStream(manifest.ToOctets());
        await tar.WriteEntryAsync(Entry(BackupManifest.Name, octets, manifest.MadeAt), cancellationToken);
        foreach (var source in sources)
        {
            await using var file = OpenRead(source.Path);
            await tar.WriteEntryAsync(Entry(source.Name, file, manifest.MadeAt), cancellationToken);
        }
    }

    private static PaxTarEntry Entry(string name, Stream content, DateTimeOffset madeAt) => new(TarEntryType.RegularFile, name)
    {
        DataStream = content,
        Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        ModificationTime = madeAt,
    };

    private static FileStream OpenRead(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.Open,
        Access = FileAccess.Read,
        Share = FileShare.ReadWrite | FileShare.Delete,
        Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
    });
}
