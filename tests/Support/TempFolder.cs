namespace Smtpy.Tests.Support;

/// <summary>A folder of its own under the system's temporary folder, readable by other users, removed at the end.</summary>
public sealed class TempFolder : IDisposable
{
    public TempFolder(string purpose = "test")
    {
        Path = Directory.CreateTempSubdirectory($"smtpy-{purpose}-").FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path, (UnixFileMode)Convert.ToInt32("755", 8));
        }
    }

    public string Path { get; }

    public string Combine(string name) => System.IO.Path.Combine(Path, name);

    public string Folder(string name) => Directory.CreateDirectory(Combine(name)).FullName;

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Already gone.
        }
        catch (IOException)
        {
            // A process that is still ending put a file there meanwhile: the second look finds it.
            Directory.Delete(Path, recursive: true);
        }
    }
}
