using System.Security.Cryptography;
using System.Text;
using Smtpy.Core.Coordination;
using Smtpy.Mail.Dkim;

namespace Smtpy.Core.Domains;

/// <summary>Seals the private halves of signing keys with SECRET_KEY, each to its own domain and selector: moved to another row it does not open.</summary>
public sealed class DomainKeySeal(ReadOnlyMemory<byte> secret)
{
    private readonly SecretSeal _seal = new(secret, "smtpy signing keys");

    /// <summary>PKCS #8 in PEM, sealed.</summary>
    public byte[] Seal(string domain, string selector, PrivateKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var plain = Encoding.ASCII.GetBytes(key.ExportPem());
        var octets = _seal.Seal(plain, Context(domain, selector));
        CryptographicOperations.ZeroMemory(plain);
        return octets;
    }

    /// <returns>The key; NotPossible where SECRET_KEY is not the one it was sealed with.</returns>
    public Outcome<PrivateKey> Open(string domain, string selector, ReadOnlySpan<byte> octets)
    {
        if (_seal.TryOpen(octets, Context(domain, selector)) is not { } plain)
        {
            return Problem.NotPossible(
                $"The signing key {selector} of {domain} cannot be opened: it was sealed with another SECRET_KEY. "
                + $"Restore the old one, or make new keys: smtpy domain rotate {domain}");
        }

        var pem = Encoding.ASCII.GetString(plain);
        CryptographicOperations.ZeroMemory(plain);
        return PrivateKey.TryImportPem(pem, out var key, out var reason)
            ? key
            : Problem.NotPossible($"The signing key {selector} of {domain} {reason}. Make new keys: smtpy domain rotate {domain}");
    }

    private static byte[] Context(string domain, string selector) => Encoding.ASCII.GetBytes($"{selector}\n{domain}");
}
