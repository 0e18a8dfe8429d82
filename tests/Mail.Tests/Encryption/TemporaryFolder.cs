namespace Smtpy.Mail.Tests.Encryption;

internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keys");

    public string Path => _folder.FullName;

    public void Dispose() => _folder.Delete(recursive: true);
}
