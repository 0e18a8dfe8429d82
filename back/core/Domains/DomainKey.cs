using Smtpy.Mail.Dkim;

namespace Smtpy.Core.Domains;

/// <summary>A key that signs what leaves with a domain's name (RFC 6376). A new one waits until DNS shows it; the old one stays published for what is under way.</summary>
public sealed class DomainKey
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>A-label, lower case: an account's domain, or the instance's host name. By name, since the latter has no row.</summary>
    public required string DomainName { get; init; }

    /// <summary>Name of the DNS record: SELECTOR._domainkey.DOMAIN.</summary>
    public required string Selector { get; init; }

    public DomainKeyAlgorithm Algorithm { get; init; }

    /// <summary>As in the record's p= tag, base64.</summary>
    public required string PublicKey { get; init; }

    /// <summary>As <see cref="DomainKeySeal"/> seals it.</summary>
    public required byte[] SealedPrivateKey { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null: not used yet.</summary>
    public DateTimeOffset? ActiveFrom { get; set; }

    /// <summary>Set: signs no more; the record may go some days later.</summary>
    public DateTimeOffset? RetiredAt { get; set; }

    /// <summary>Made, and not seen in DNS yet.</summary>
    public bool IsPending => ActiveFrom is null && RetiredAt is null;

    /// <summary>Signs.</summary>
    public bool IsActive => ActiveFrom is not null && RetiredAt is null;

    /// <summary>What DNS has to carry.</summary>
    public PublishedKey ToPublish() => new(
        DomainName, Selector, Algorithm == DomainKeyAlgorithm.RsaSha256 ? SignatureAlgorithm.RsaSha256 : SignatureAlgorithm.Ed25519Sha256, PublicKey);
}

/// <summary>Stored as its number: never renumber.</summary>
public enum DomainKeyAlgorithm
{
    /// <summary>RSA-2048 with SHA-256.</summary>
    RsaSha256 = 0,

    /// <summary>RFC 8463.</summary>
    Ed25519Sha256 = 1,
}
