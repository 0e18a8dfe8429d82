using Smtpy.Core.Storage;

namespace Smtpy.Core.Backups;

/// <summary>
/// A file that is not there before it is whole: written beside its place and renamed. What a process that was killed left behind is
/// written over by the next.
/// </summary>
internal sealed class PartialFile : IAsyncDisposable
{
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
            // Locked while its writer lives.
            new FileStream(partial, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
            File.Delete(partial);
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

    /// <summary>SQLite has a journal of its own beside what it writes.</summary>
    private void DeleteBeside()
    {
        foreach (var suffix in new[] { "", "-journal", "-wal", "-shm" })
        {
            File.Delete(PathBeside + suffix);
        }
    }
}
