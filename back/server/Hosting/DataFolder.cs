using System.Security.Cryptography;
using System.Text;
using Smtpy.Core.Backups;
using Smtpy.Core.Storage;
using Smtpy.Server.Configuration;

namespace Smtpy.Server.Hosting;

/// <summary>What lives beside the database: the secret key and the TLS pair, made at the first start where none is configured.</summary>
internal sealed class DataFolder
{
    private readonly Settings _settings;

    /// <exception cref="SettingException">The folder cannot be made or written.</exception>
    public DataFolder(Settings settings)
    {
        _settings = settings;
        // One that exists is the operator's choice, and stays as it is.
        Attempt(() => PrivateFile.CreateFolder(settings.DataFolder));
    }

    public string CertificatePath => _settings.TlsCertificate ?? Path.Combine(_settings.DataFolder, BackupContents.Certificate);

    public string KeyPath => _settings.TlsKey ?? Path.Combine(_settings.DataFolder, BackupContents.CertificateKey);

    /// <summary>True where the pair is ours to make.</summary>
    public bool MakesCertificate => _settings.MakesCertificate && !(File.Exists(CertificatePath) && File.Exists(KeyPath));

    /// <summary>SECRET_KEY, or the content of <c>secret.key</c>, which is made once with 256 random bits.</summary>
    public byte[] Secret()
    {
        if (_settings.SecretKey is { } configured)
        {
            return Encoding.UTF8.GetBytes(configured);
        }

        var path = Path.Combine(_settings.DataFolder, BackupContents.Secret);
        Attempt(() =>
        {
            if (!File.Exists(path))
            {
                // Written aside and moved: another process that starts now reads a whole key or makes none of its own.
                var fresh = $"{path}.{Environment.ProcessId}";
                var onlyUs = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
                if (!OperatingSystem.IsWindows())
                {
                    onlyUs.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                }

                using (var file = new StreamWriter(fresh, onlyUs))
                {
                    file.WriteLine(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
                }

                if (!TryMove(fresh, path))
                {
                    File.Delete(fresh);
                }
            }
        });
        var text = "";
        Attempt(() => text = File.ReadAllText(path).Trim());
        return text.Length > 0
            ? Encoding.UTF8.GetBytes(text)
            : throw new SettingException(path, "", "a secret; remove the empty file to have a new one made");
    }

    private static bool TryMove(string from, string to)
    {
        try
        {
            File.Move(from, to, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(to))
        {
            return false;
        }
    }

    private void Attempt(Action action)
    {
        try
        {
            action();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SettingException("SMTPY_DATA", _settings.DataFolder, $"a folder that this user can write ({failure.Message})");
        }
    }
}
