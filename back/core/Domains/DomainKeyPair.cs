using System.Globalization;
using Smtpy.Mail.Dkim;

namespace Smtpy.Core.Domains;

/// <summary>
/// A generation of a domain's keys: RSA, which every receiver knows, and Ed25519 (RFC 8463), which those who do not know it pass over.
/// Selectors are s1r and s1e, then s2r and s2e: two processes that make the next generation at once choose the same, so that the
/// database takes one of them.
/// </summary>
internal sealed class DomainKeyPair
{
    private readonly Lazy<(PrivateKey Rsa, PrivateKey Ed25519)> _keys =
        new(static () => (PrivateKey.GenerateRsa(), PrivateKey.GenerateEd25519()));

    /// <summary>Made once, however often a change has to be tried: an RSA key takes a tenth of a second.</summary>
    public DomainKey[] Rows(DomainKeySeal seal, string domain, int generation, DateTimeOffset now) =>
    [
        Row(seal, domain, generation, DomainKeyAlgorithm.RsaSha256, _keys.Value.Rsa, now),
        Row(seal, domain, generation, DomainKeyAlgorithm.Ed25519Sha256, _keys.Value.Ed25519, now),
    ];

    /// <returns>0 for a selector that is none of ours.</returns>
    public static int GenerationOf(string selector) =>
        selector is ['s', .. var number, 'r' or 'e'] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var generation)
            ? generation
            : 0;

    /// <summary>Retired ones count as long as they are known: a selector is not used again while its old record may be in DNS or in a cache.</summary>
    public static int NextGeneration(IEnumerable<DomainKey> known) => known.Select(static k => GenerationOf(k.Selector)).DefaultIfEmpty().Max() + 1;

    /// <summary>The key signs from now on; the one before it of its algorithm does not, and stays published.</summary>
    public static void Activate(IEnumerable<DomainKey> known, DomainKey fresh, DateTimeOffset now)
    {
        foreach (var old in known.Where(k => k.IsActive && k.Algorithm == fresh.Algorithm && k != fresh))
        {
            old.RetiredAt = now;
        }

        fresh.ActiveFrom = now;
    }

    private static DomainKey Row(
        DomainKeySeal seal, string domain, int generation, DomainKeyAlgorithm algorithm, PrivateKey key, DateTimeOffset now)
    {
        var selector = string.Create(CultureInfo.InvariantCulture, $"s{generation}{(algorithm == DomainKeyAlgorithm.RsaSha256 ? 'r' : 'e')}");
        return new DomainKey
        {
            DomainName = domain,
            Selector = selector,
            Algorithm = algorithm,
            PublicKey = key.PublicText,
            SealedPrivateKey = seal.Seal(domain, selector, key),
            CreatedAt = now,
        };
    }
}
