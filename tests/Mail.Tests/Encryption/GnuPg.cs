using Smtpy.Tests.Support.Processes;

namespace Smtpy.Mail.Tests.Encryption;

/// <summary>GnuPG with a home of its own, so that nothing of the machine's keys is seen or changed.</summary>
public sealed class GnuPg : IAsyncDisposable
{
    // Not the test's own folder: the agent's socket has a path of at most 107 octets.
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("gpg");

    /// <param name="algorithm">Of primary key and subkey; "default" for both of gpg's choice.</param>
    /// <returns>Fingerprint of the primary key.</returns>
    public async Task<string> GenerateAsync(string userId, string algorithm, string? subkeyAlgorithm, string expiry = "1y")
    {
        var usage = algorithm is "default" or "future-default" ? "default" : "sign";
        await RunAsync("--quick-generate-key", userId, algorithm, usage, expiry);
        var fingerprint = await FingerprintAsync(userId);
        if (subkeyAlgorithm is not null)
        {
            await RunAsync("--quick-add-key", fingerprint, subkeyAlgorithm, "encr", expiry);
        }

        return fingerprint;
    }

    public async Task<string> FingerprintAsync(string userId) => (await RunAsync("--with-colons", "--list-keys", userId))
        .Split('\n').First(static line => line.StartsWith("fpr:", StringComparison.Ordinal)).Split(':')[9];

    public async Task<byte[]> ExportAsync(string key, bool armored = false, bool secret = false)
    {
        var file = Path.Combine(_home.FullName, Guid.NewGuid().ToString("N"));
        string[] armor = armored ? ["--armor"] : [];
        await RunAsync([.. armor, "--output", file, secret ? "--export-secret-keys" : "--export", .. key.Split(' ')]);
        return await File.ReadAllBytesAsync(file);
    }

    public async Task RevokeAsync(string fingerprint)
    {
        var certificate = await File.ReadAllTextAsync(Path.Combine(_home.FullName, "openpgp-revocs.d", fingerprint + ".rev"));
        await RunWithInputAsync(certificate.Replace(":-----BEGIN", "-----BEGIN", StringComparison.Ordinal), "--import");
    }

    public Task RevokeSubkeyAsync(string fingerprint) =>
        RunWithInputAsync("key 1\nrevkey\ny\n0\n\ny\nsave\n", "--no-tty", "--command-fd", "0", "--edit-key", fingerprint);

    /// <returns>Exactly the octets that were encrypted, and what gpg said of their protection.</returns>
    public async Task<(byte[] Octets, string Status)> DecryptAsync(string armored)
    {
        var (input, output) = (Path.Combine(_home.FullName, "in.asc"), Path.Combine(_home.FullName, "out"));
        await File.WriteAllTextAsync(input, armored);
        var status = await RunAsync("--yes", "--status-fd", "1", "--output", output, "--decrypt", input);
        return (await File.ReadAllBytesAsync(output), status);
    }

    public Task<string> ListPacketsAsync(string armored) => RunWithInputAsync(armored, "--list-packets", "--verbose");

    public async ValueTask DisposeAsync()
    {
        await ChildProcess.RunAsync(["gpgconf", "--homedir", _home.FullName, "--kill", "all"]);
        _home.Delete(recursive: true);
    }

    private Task<string> RunAsync(params string[] arguments) => RunWithInputAsync(null, arguments);

    private async Task<string> RunWithInputAsync(string? input, params string[] arguments) => (await ChildProcess.RunAsync(
        ["gpg", "--homedir", _home.FullName, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", .. arguments],
        input: input)).MustSucceed();
}
