using System.Text.Json;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Sqlite;

namespace Smtpy.Core.Backups;

/// <summary>
/// What is left to do once everything of a restore lies ready: a few renames. The plan is written down before the first of them; from
/// then on whoever comes next, after a crash in between, carries it out before anything else. So it is the old or the new, never some of each.
/// </summary>
/// <param name="Database">The database that is replaced.</param>
/// <param name="Folders">Where things lie ready; removed at the end.</param>
internal sealed record RestorePlan(string Database, IReadOnlyList<string> Folders, IReadOnlyList<RestoreMove> Moves)
{
    private const string FileName = "restoring.json";

    /// <summary>Carries out what a restore that was cut off has left; nothing in nearly all cases.</summary>
    /// <exception cref="StorageException">It cannot be carried out, or another process is just doing it.</exception>
    public static void Finish(string dataFolder)
    {
        var path = PathIn(dataFolder);
        if (!File.Exists(path))
        {
            return;
        }

        try
        {
            using var alone = Read(path)?.In(dataFolder).TakeAlone();

            // Another process may have done it before this one had the lock.
            Read(path)?.In(dataFolder).CarryOut(dataFolder);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new StorageException($"The restore that {path} speaks of cannot be finished: {failure.Message}", failure);
        }
    }

    /// <summary>Writes the plan down: the moment from which it is the new.</summary>
    public void Commit(string dataFolder)
    {
        var path = PathIn(dataFolder);
        var ready = Path.Combine(Folders[0], FileName);
        using (var file = PrivateFile.Create(ready))
        {
            JsonSerializer.Serialize(file, RelativeTo(dataFolder));
            file.Flush(flushToDisk: true);
        }

        File.Move(ready, path);
    }

    /// <param name="beforeStep">For tests, which crash there.</param>
    public void CarryOut(string dataFolder, Action? beforeStep = null)
    {
        foreach (var move in Moves)
        {
            move.CarryOut(beforeStep);
        }

        beforeStep?.Invoke();
        File.Delete(PathIn(dataFolder));
        beforeStep?.Invoke();
        foreach (var folder in Folders.Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Paths in the data folder without it: it may be mounted elsewhere at the next start.</summary>
    private RestorePlan RelativeTo(string dataFolder) => Select(path =>
        path.StartsWith(dataFolder + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? Path.GetRelativePath(dataFolder, path) : path);

    private RestorePlan In(string dataFolder) => Select(path => Path.Combine(dataFolder, path));

    private RestorePlan Select(Func<string, string> change) => new(
        change(Database), [.. Folders.Select(change)],
        [.. Moves.Select(m => new RestoreMove(m.Ready is null ? null : change(m.Ready), change(m.Target), change(m.Kept)))]);

    private IDisposable TakeAlone() => new SqliteDatabase(Database).TakeAlone();

    private static RestorePlan? Read(string path) => File.Exists(path) ? JsonSerializer.Deserialize<RestorePlan>(File.ReadAllBytes(path)) : null;

    internal static string PathIn(string dataFolder) => Path.Combine(dataFolder, FileName);
}

/// <summary>One thing takes the place of another. Done a second time it changes nothing.</summary>
/// <param name="Ready">What takes the place; null where nothing does.</param>
/// <param name="Kept">Where what is there now goes.</param>
internal sealed record RestoreMove(string? Ready, string Target, string Kept)
{
    public void CarryOut(Action? beforeStep)
    {
        if (Ready is not null && !Path.Exists(Ready))
        {
            return;
        }

        if (Path.Exists(Target))
        {
            beforeStep?.Invoke();
            PrivateFile.CreateFolder(Path.GetDirectoryName(Kept)!);
            beforeStep?.Invoke();
            Directory.Move(Target, Free(Kept));
        }

        if (Ready is not null)
        {
            beforeStep?.Invoke();
            Directory.Move(Ready, Target);
        }
    }

    /// <summary>A program that knows nothing of plans may have made a second one meanwhile: nothing that is there is ever lost.</summary>
    private static string Free(string path)
    {
        while (Path.Exists(path))
        {
            path += ".again";
        }

        return path;
    }
}
