using System.Globalization;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Sqlite;

namespace Smtpy.Core.Backups;

/// <summary>
/// Puts a data folder back as it was when a backup was made. Everything is unpacked and checked beside what is there, then takes its
/// place by renames; what was there is kept.
/// </summary>
public sealed class RestoreBackup(TimeProvider time)
{
    internal const string ReadyFolder = "restoring";

    /// <summary>For tests, which crash there.</summary>
    internal Action? BeforeStep { get; init; }

    /// <summary>To be called before a data folder is used: finishes what a restore that was cut off has begun.</summary>
    /// <exception cref="StorageException">It cannot be finished.</exception>
    public static void FinishInterrupted(string dataFolder) => RestorePlan.Finish(Path.GetFullPath(dataFolder));

    /// <summary>Whether a restore stopped between its renames: some is the new, and only the next attempt completes it.</summary>
    public static bool IsUnfinished(string dataFolder) => File.Exists(RestorePlan.PathIn(dataFolder));

    /// <summary>Says that this process works with the database, as <see cref="IDatabase.Use"/>, once nothing of a restore is left to do.</summary>
    /// <exception cref="StorageException">A restore is under way, or was cut off after <see cref="FinishInterrupted"/> had looked.</exception>
    public static IDisposable Use(IDatabase database, string dataFolder)
    {
        ArgumentNullException.ThrowIfNull(database);
        var use = database.Use();
        if (!File.Exists(RestorePlan.PathIn(dataFolder)))
        {
            return use;
        }

        use.Dispose();
        throw new StorageException($"A restore into {dataFolder} was cut off; run this again, which completes it.");
    }

    /// <exception cref="IOException">The backup cannot be read, or the folder not written.</exception>
    /// <exception cref="UnauthorizedAccessException">They may not be.</exception>
    /// <exception cref="InvalidDataException">The backup is no whole one of ours; the message says why.</exception>
    /// <exception cref="StorageException">Somebody works with the database, or there is no room.</exception>
    public async Task<Outcome<RestoreReport>> RunAsync(RestoreRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        await using var file = new FileStream(request.File, FileMode.Open, FileAccess.Read, FileShare.Read, 128 * 1024, useAsync: true);
        if (!file.CanSeek)
        {
            throw new InvalidDataException("it is no file but a pipe or a device; write it to a file first");
        }

        if (Path.GetDirectoryName(Path.GetFullPath(request.File)) == Path.Combine(request.DataFolder, ReadyFolder))
        {
            return Problem.NotPossible($"{request.File} lies where a restore unpacks, which is emptied first; move it elsewhere.");
        }

        await using var reader = await BackupReader.OpenAsync(file, cancellationToken);
        var (schema, ours) = (reader.Manifest.Schema, request.Database.Schema);
        if (!schema.Serves(ours) && !schema.IsBehind(ours))
        {
            return Problem.NotPossible(
                $"{request.File} was made by a newer version of SMTPy ({reader.Manifest.Program}, database {schema.Applied}); update SMTPy.");
        }

        PrivateFile.CreateFolder(request.DataFolder);
        using var alone = request.Database.TakeAlone();

        // Versions before this one hold only this.
        using var queue = LockFile.Take(request.Database.Path + ".lock");
        var ready = Path.Combine(request.DataFolder, ReadyFolder);
        try
        {
            await UnpackAsync(reader, ready, cancellationToken);
            return await ReplaceAsync(request, reader.Manifest, ready, cancellationToken);
        }
        catch (Exception) when (!File.Exists(RestorePlan.PathIn(request.DataFolder)))
        {
            DeleteFolder(ready);
            throw;
        }
    }

    private static async Task UnpackAsync(BackupReader reader, string ready, CancellationToken cancellationToken)
    {
        DeleteFolder(ready);
        PrivateFile.CreateFolder(ready);
        await reader.ReadAsync(
            entry =>
            {
                var path = Path.Combine(ready, entry.Name);
                PrivateFile.CreateFolder(Path.GetDirectoryName(path)!);
                return PrivateFile.Create(path);
            },
            cancellationToken);
        foreach (var entry in reader.Manifest.Entries)
        {
            using var written = File.OpenHandle(Path.Combine(ready, entry.Name), FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.FlushToDisk(written);
        }
    }

    private async Task<RestoreReport> ReplaceAsync(
        RestoreRequest request, BackupManifest manifest, string ready, CancellationToken cancellationToken)
    {
        // The settings that come back with it may name another place for the database than those of now.
        var database = request.DatabaseWith(ready);
        using var alone = database.Path == request.Database.Path ? null : database.TakeAlone();
        var copy = Path.Combine(ready, BackupContents.Database);
        var reason = string.Create(CultureInfo.InvariantCulture, $"waited when the backup of {manifest.MadeAt.UtcDateTime:yyyy-MM-dd HH:mm:ss'Z'} was made");
        var waiting = await Task.Run(() => RestoredDatabase.Prepare(copy, request.HoldsQueue, reason), cancellationToken);
        var plan = Plan(request.DataFolder, ready, database.Path);
        if (plan.Folders.Count > 1)
        {
            PrivateFile.CreateFolder(plan.Folders[1]);
            File.Move(copy, plan.Moves[^1].Ready!, overwrite: true);
        }

        cancellationToken.ThrowIfCancellationRequested();
        BeforeStep?.Invoke();
        plan.Commit(request.DataFolder);
        plan.CarryOut(request.DataFolder, BeforeStep);
        return new RestoreReport(manifest, waiting, [.. plan.Moves.Select(static m => Path.GetDirectoryName(m.Kept)!).Distinct().Where(Directory.Exists)]);
    }

    private RestorePlan Plan(string dataFolder, string ready, string database)
    {
        var now = string.Create(CultureInfo.InvariantCulture, $"replaced-{time.GetUtcNow().UtcDateTime:yyyyMMdd'T'HHmmss'Z'}");
        var kept = now;
        for (var i = 2; Path.Exists(Path.Combine(dataFolder, kept)); i++)
        {
            kept = string.Create(CultureInfo.InvariantCulture, $"{now}-{i}");
        }

        RestoreMove Move(string? from, string target) =>
            new(from, target, Path.Combine(Path.GetDirectoryName(target)!, kept, Path.GetFileName(target)));

        var home = Path.GetDirectoryName(database)!;
        var isElsewhere = home != dataFolder;
        var copy = Path.Combine(isElsewhere ? Path.Combine(home, ReadyFolder) : ready, BackupContents.Database);
        return new RestorePlan(
            database, isElsewhere ? [ready, Path.GetDirectoryName(copy)!] : [ready],
            [
                .. Directory.EnumerateFileSystemEntries(ready).Where(static path => Path.GetFileName(path) != BackupContents.Database)
                    .Order(StringComparer.Ordinal).Select(path => Move(path, Path.Combine(dataFolder, Path.GetFileName(path)))),

                // A log of the old database beside the new one would be read into it.
                Move(null, database + "-wal"), Move(null, database + "-shm"), Move(null, database + "-journal"), Move(copy, database),
            ]);
    }

    private static void DeleteFolder(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}

/// <param name="File">The backup.</param>
/// <param name="DataFolder">Absolute; made where there is none.</param>
/// <param name="Database">The database that the settings of now name.</param>
/// <param name="DatabaseWith">The one that settings in another folder name.</param>
/// <param name="HoldsQueue">True: mail that waited then is held instead of being delivered, maybe a second time.</param>
public sealed record RestoreRequest(
    string File, string DataFolder, SqliteDatabase Database, Func<string, SqliteDatabase> DatabaseWith, bool HoldsQueue);

/// <param name="Waiting">Deliveries that waited at the time of the backup.</param>
/// <param name="Kept">Folders with what was there before; none where nothing was.</param>
public sealed record RestoreReport(BackupManifest Manifest, long Waiting, IReadOnlyList<string> Kept);
