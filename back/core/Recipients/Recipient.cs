namespace Smtpy.Core.Recipients;

/// <summary>A real mailbox that aliases forward to. Mail goes only to verified ones: else SMTPy could be pointed at strangers.</summary>
public sealed class Recipient
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    public Guid AccountId { get; init; }

    /// <summary>Local part as given, domain as A-label in lower case.</summary>
    public required string Email { get; init; }

    public DateTimeOffset? VerifiedAt { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Set: the mailbox refused too often, or somebody paused it. What comes for it is held; what is held stays so when it is resumed, until it is released.</summary>
    public DateTimeOffset? PausedAt { get; set; }

    public EncryptionKind Encryption { get; set; }

    /// <summary>Public key or certificate in binary form; null where there is none. Kept while <see cref="Encryption"/> is switched off.</summary>
    public byte[]? EncryptionKey { get; set; }

    /// <summary>Lower-case hexadecimal; shown to the owner.</summary>
    public string? EncryptionFingerprint { get; set; }

    public DateTimeOffset? EncryptionExpiresAt { get; set; }

    /// <summary>The subject goes into the encrypted part; outside stands "...".</summary>
    public bool ProtectSubject { get; set; }
}

/// <summary>Stored as its number: never renumber.</summary>
public enum EncryptionKind
{
    None = 0,

    /// <summary>PGP/MIME (RFC 3156).</summary>
    Pgp = 1,

    /// <summary>S/MIME (RFC 8551).</summary>
    Smime = 2,
}
