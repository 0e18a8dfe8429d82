using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Sqlite;

namespace Smtpy.Core.Backups;

/// <summary>
/// Puts the embedded database, as it is at one moment, and the keys beside it into one file. The server goes on meanwhile. What was
/// written is read back before the file takes its name.
/// </summary>
public sealed class TakeBackup(TimeProvider time)
{
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    /// <exception cref="StorageException">The database cannot be read, or there is no room for its copy.</exception>
    public async Task<Outcome<BackupReport>> RunAsync(SqliteDatabase database, BackupRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(request);
        if (!File.Exists(database.Path))
        {
            return Problem.NotFound($"There is no database {database.Path}, so there is nothing to back up.");
        }

        if (BackupContents.IsOfTheInstance(request.File, request.DataFolder, database.Path)
            || PartialFile.PathsBeside(request.File).Any(path => BackupContents.IsOfTheInstance(path, request.DataFolder, database.Path)))
        {
            return Problem.NotPossible($"cannot write {request.File}: that is a file of the instance itself, or one beside it would be");
        }

        if (File.Exists(request.File) && !request.Overwrites)
        {
            return Problem.Conflict($"cannot write {request.File}: it is there already; --force replaces it");
        }

        using var use = RestoreBackup.Use(database, request.DataFolder);
        await using var file = PartialFile.Create(request.File);
        var manifest = await WriteAsync(database, request, file, cancellationToken);
        var size = file.Stream.Length;
        await ReadBackAsync(file.Stream, cancellationToken);
        await file.CommitAsync(request.Overwrites, cancellationToken);
        return new BackupReport(request.File, size, manifest);
    }

    private async Task<BackupManifest> WriteAsync(
        SqliteDatabase database, BackupRequest request, PartialFile file, CancellationToken cancellationToken)
    {
        var madeAt = time.GetUtcNow();
        await PrivateFile.Create(file.PathBeside).DisposeAsync();
        await SqliteSnapshot.WriteAsync(database.Path, file.PathBeside, cancellationToken);
        var (schema, holds) = await SqliteSnapshot.DescribeAsync(file.PathBeside, cancellationToken);
        BackupSource[] sources = [.. BackupContents.FilesOf(request.DataFolder), new BackupSource(BackupContents.Database, file.PathBeside)];
        var entries = new List<BackupEntry>(sources.Length);
        foreach (var source in sources)
        {
            entries.Add(await BackupWriter.DescribeAsync(source, cancellationToken));
        }

        var manifest = new BackupManifest(
            BackupManifest.OurProduct, BackupManifest.CurrentFormat, request.Program, schema.Applied, schema.OldestProgram, madeAt,
            request.SecretCheck, holds, entries);
        await BackupWriter.WriteAsync(file.Stream, manifest, sources, cancellationToken);
        return manifest;
    }

    /// <summary>A file that changed while it was read, or a disk that lies, must not pass for a backup.</summary>
    private static async Task ReadBackAsync(Stream file, CancellationToken cancellationToken)
    {
        file.Position = 0;
        try
        {
            await using var reader = await BackupReader.OpenAsync(file, cancellationToken);
            await reader.ReadAsync(static _ => Stream.Null, cancellationToken);
        }
        catch (InvalidDataException failure)
        {
            throw new IOException($"what was written cannot be read back: {failure.Message}", failure);
        }
    }
}

/// <param name="File">Where to; absolute.</param>
/// <param name="Overwrites">True: a file of that name is replaced.</param>
/// <param name="Program">Version of this program.</param>
/// <param name="SecretCheck">As <see cref="BackupManifest.SecretCheck"/>; null where there is no secret yet.</param>
public sealed record BackupRequest(string File, bool Overwrites, string DataFolder, string Program, string? SecretCheck);

/// <param name="Size">Octets of the file.</param>
public sealed record BackupReport(string File, long Size, BackupManifest Manifest);
