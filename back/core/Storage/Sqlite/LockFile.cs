namespace Smtpy.Core.Storage.Sqlite;

/// <summary>
/// Held by the one process that works on a SQLite queue. The operating system lets go of it when the process dies, however
/// it dies, so there is never a stale one.
/// </summary>
internal sealed class LockFile : IDisposable
{
    private readonly FileStream _file;

    private LockFile(FileStream file) => _file = file;

    /// <exception cref="StorageException">Another process has it, or the folder cannot be written.</exception>
    public static LockFile Take(string path)
    {
        try
        {
            return new LockFile(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new StorageException($"The lock file {path} cannot be written: {failure.Message}", failure);
        }
        catch (IOException failure) when (File.Exists(path))
        {
            throw new StorageException($"Another smtpy process is working on this database ({path} is locked); stop it first.", failure);
        }
        catch (IOException failure)
        {
            throw new StorageException($"The lock file {path} cannot be created: {failure.Message}", failure);
        }
    }

    public void Dispose() => _file.Dispose();
}
