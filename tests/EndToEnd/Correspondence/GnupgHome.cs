using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;

namespace Smtpy.EndToEnd.Correspondence;

/// <summary>GnuPG with a key ring of its own, as a mail program at the destination has it.</summary>
internal sealed class GnupgHome : IAsyncDisposable
{
    /// <summary>Of a key that is to expire while the tests run: long enough to be uploaded before.</summary>
    public static readonly TimeSpan ShortLife = TimeSpan.FromSeconds(60);

    private readonly TempFolder _folder = new("gnupg");
    private readonly string _home;

    public GnupgHome()
    {
        _home = _folder.Folder("home");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Makes a key pair without a passphrase.</summary>
    /// <param name="life">As gpg takes it: "0" for ever, "seconds=60".</param>
    /// <returns>The file with the public key, armoured.</returns>
    public async Task<string> MakeAsync(string address, string life)
    {
        RequiredPackages.Need("gnupg");
        // The subkey, which encrypts, would live for ever: quick-add-key gives it the same life.
        await RunAsync("--quick-gen-key", address, "ed25519", "cert,sign", life);
        var listed = await RunAsync("--list-keys", "--with-colons", address);
        var fingerprint = listed.Split('\n').First(static line => line.StartsWith("fpr:", StringComparison.Ordinal)).Split(':')[9];
        await RunAsync("--quick-add-key", fingerprint, "cv25519", "encr", life);
        var file = _folder.Combine(address + ".asc");
        await RunAsync("--armor", "--output", file, "--export", address);
        return file;
    }

    /// <summary>The plain octets of an encrypted message.</summary>
    public async Task<string> DecryptAsync(byte[] encrypted)
    {
        var file = _folder.Combine(Guid.NewGuid().ToString("n"));
        await File.WriteAllBytesAsync(file, encrypted);
        return await RunAsync("--decrypt", file);
    }

    public async ValueTask DisposeAsync()
    {
        await ChildProcess.RunAsync(["/usr/bin/gpgconf", "--homedir", _home, "--kill", "all"]);
        _folder.Dispose();
    }

    private async Task<string> RunAsync(params string[] arguments) => (await ChildProcess.RunAsync(
        ["/usr/bin/gpg", "--homedir", _home, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", .. arguments])).MustSucceed();
}
