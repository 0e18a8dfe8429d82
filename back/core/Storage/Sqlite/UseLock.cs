namespace Smtpy.Core.Storage.Sqlite;

/// <summary>
/// Tells whoever puts another database in the place of this one that somebody works with it. Each server and each command holds it
/// together with the others; a restore holds it alone. The operating system lets go of it when a process dies, however it dies.
/// </summary>
internal static class UseLock
{
    /// <exception cref="StorageException">A restore is under way, or the file cannot be made.</exception>
    public static IDisposable Share(string path) => Open(
        path, FileShare.Read, $"A restore of this database is under way ({path} is locked); try again when it has ended.");

    /// <exception cref="StorageException">A server, a command or another restore is at work, or the file cannot be made.</exception>
    public static IDisposable TakeAlone(string path) => Open(
        path, FileShare.None, $"A server or another command is working with this database ({path} is locked); stop it first.");

    private static FileStream Open(string path, FileShare share, string taken)
    {
        try
        {
            PrivateFile.CreateFolder(Path.GetDirectoryName(path)!);
            var isNew = !File.Exists(path);
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, share);
            if (isNew && !OperatingSystem.IsWindows())
            {
                // Nothing is ever in it, and it may be root's command that makes it and the server's own user who shares it.
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            }

            return file;
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new StorageException($"The lock file {path} cannot be opened: {failure.Message}", failure);
        }
        catch (IOException failure)
        {
            throw new StorageException(File.Exists(path) ? taken : $"The lock file {path} cannot be created: {failure.Message}", failure);
        }
    }
}
