using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;

namespace Smtpy.EndToEnd.Promise;

/// <summary>A small file system in memory, to fill up. Needs root (or sudo): mounting does.</summary>
internal sealed class TemporaryMount : IAsyncDisposable
{
    private readonly TempFolder _folder = new("mount");

    private TemporaryMount()
    {
    }

    public string Path => _folder.Path;

    public static async Task<TemporaryMount> CreateAsync(string size)
    {
        var mount = new TemporaryMount();
        (await ChildProcess.RunAsync(
            Privileges.AsRoot("mount", "-t", "tmpfs", "-o", $"size={size},mode=777", "tmpfs", mount.Path))).MustSucceed();
        return mount;
    }

    /// <summary>Writes zeros until nothing more fits.</summary>
    public void Fill()
    {
        using var ballast = new FileStream(
            System.IO.Path.Combine(Path, "ballast"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var size in new[] { 65536, 4096 })
        {
            try
            {
                while (true)
                {
                    ballast.Write(new byte[size]);
                }
            }
            catch (IOException)
            {
                // Full: once more with smaller pieces.
            }
        }
    }

    public void Free() => File.Delete(System.IO.Path.Combine(Path, "ballast"));

    public async ValueTask DisposeAsync()
    {
        // Lazy: a process that is still ending may hold a file.
        (await ChildProcess.RunAsync(Privileges.AsRoot("umount", "--lazy", Path))).MustSucceed();
        _folder.Dispose();
    }
}
