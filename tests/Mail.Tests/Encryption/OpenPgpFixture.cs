using System.Text;
using Smtpy.Mail.Encryption;
using Xunit;

namespace Smtpy.Mail.Tests.Encryption;

[CollectionDefinition(nameof(OpenPgpKeys))]
public sealed class OpenPgpKeys : ICollectionFixture<OpenPgpFixture>;

/// <summary>Keys made by GnuPG when the tests run, one of each kind.</summary>
public sealed class OpenPgpFixture : IAsyncLifetime
{
    private readonly Dictionary<string, string> _fingerprints = [];

    public GnuPg Gpg { get; } = new();

    public IReadOnlyDictionary<string, string> Fingerprints => _fingerprints;

    public async ValueTask InitializeAsync()
    {
        await AddAsync("rsa", "rsa2048", "rsa2048");
        await AddAsync("curve25519", "ed25519", "cv25519");
        await AddAsync("nist", "nistp384", "nistp384");
        await AddAsync("endless", "ed25519", "nistp256", "never");
        await AddAsync("signing", "ed25519", null);
        await AddAsync("weak", "rsa2048", "rsa1024");
        await AddAsync("brainpool", "ed25519", "brainpoolP256r1");
        await AddAsync("revoked", "ed25519", "cv25519");
        await Gpg.RevokeAsync(Fingerprints["revoked"]);
        await AddAsync("subkey-revoked", "ed25519", "cv25519");
        await Gpg.RevokeSubkeyAsync(Fingerprints["subkey-revoked"]);
    }

    public Task<byte[]> ExportAsync(string name, bool armored = false, bool secret = false) =>
        Gpg.ExportAsync(Fingerprints[name], armored, secret);

    public async Task<RecipientKey> KeyAsync(string name)
    {
        var result = RecipientKeyReader.Read(await ExportAsync(name), TimeProvider.System.GetUtcNow());
        return result.Key ?? throw new InvalidOperationException(result.Reason);
    }

    public ValueTask DisposeAsync() => Gpg.DisposeAsync();

    private async Task AddAsync(string name, string algorithm, string? subkey, string expiry = "1y") =>
        _fingerprints[name] = await Gpg.GenerateAsync($"{name} J\u00fcrgen <{name}@recipient.example>", algorithm, subkey, expiry);

    internal static string Text(ReadOnlyMemory<byte> octets) => Encoding.Latin1.GetString(octets.Span);
}
