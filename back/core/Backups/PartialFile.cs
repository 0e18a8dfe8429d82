using Smtpy.Core.Storage;

namespace Smtpy.Core.Backups;

/// <summary>
/// A file that is not there before it is whole: written beside its place and renamed. What a process that was killed left behind is
/// written over by the next.
/// </summary>
internal sealed class PartialFile : IAsyncDisposable
{
    private static readonly string[] Suffixes = ["", "-journal", "-wal", "-shm"];

    private readonly string _path;
    private readonly FileStream _stream;
    private bool _isCommitted;

    private PartialFile(string path, FileStream stream) => (_path, _stream) = (path, stream);

    public Stream Stream => _stream;

    /// <summary>For more files that go when this one goes.</summary>
    public string PathBeside => Partial(_path) + ".db";

    /// <exception cref="IOException">The folder is missing, or another process writes the same file.</exception>
    public static PartialFile Create(string path)
    {
        var partial = Partial(path);
        if (File.Exists(partial))
        {
            // Locked while its writer lives, and by us until it is gone.
            const int unbuffered = 0;
            new FileStream(partial, FileMode.Open, FileAccess.ReadWrite, FileShare.None, unbuffered, FileOptions.DeleteOnClose).Dispose();
        }

        var file = new PartialFile(path, PrivateFile.Create(partial));
        file.DeleteBeside();
        return file;
    }

    /// <summary>Synced and put in its place.</summary>
    public async Task CommitAsync(bool overwrite, CancellationToken cancellationToken)
    {
        await _stream.FlushAsync(cancellationToken);
        _stream.Flush(flushToDisk: true);
        File.Move(Partial(_path), _path, overwrite);
        _isCommitted = true;
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        DeleteBeside();
        if (!_isCommitted)
        {
            File.Delete(Partial(_path));
        }
    }

    private static string Partial(string path) => path + ".partial";

    /// <summary>Every path that is written to, or removed, for a file.</summary>
    public static IEnumerable<string> PathsBeside(string path) => [Partial(path), .. Beside(Partial(path) + ".db")];

    /// <summary>SQLite has a journal of its own beside what it writes.</summary>
    private static IEnumerable<string> Beside(string path) => Suffixes.Select(suffix => path + suffix);

    private void DeleteBeside()
    {
        foreach (var path in Beside(PathBeside))
        {
            File.Delete(path);
        }
    }
}
