using System.Diagnostics.CodeAnalysis;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.X509;

namespace Smtpy.Mail.Encryption;

public enum RecipientKeyKind
{
    /// <summary>An OpenPGP public key: messages become PGP/MIME (RFC 3156).</summary>
    OpenPgp = 0,

    /// <summary>An X.509 certificate: messages become S/MIME (RFC 8551).</summary>
    Certificate = 1,
}

/// <summary>
/// A recipient's public key, examined and found fit for encryption at the time it was read. Immutable; may be used by several
/// threads at once and kept: <see cref="MessageEncryptor"/> looks at the dates again for each message.
/// </summary>
public sealed class RecipientKey
{
    private readonly object _key;

    internal RecipientKey(PgpPublicKey key, byte[] octets) => (_key, Octets) = (key, octets);

    internal RecipientKey(X509Certificate certificate, byte[] octets) =>
        (_key, Octets, Kind) = (certificate, octets, RecipientKeyKind.Certificate);

    public RecipientKeyKind Kind { get; }

    /// <summary>The public key in binary form (OpenPGP packets, or DER), for storing; <see cref="RecipientKeyReader"/> reads it again.</summary>
    public ReadOnlyMemory<byte> Octets { get; }

    /// <summary>Upper-case hexadecimal: 40 digits of the OpenPGP primary key (SHA-1), or 64 of the certificate (SHA-256).</summary>
    public required string Fingerprint { get; init; }

    /// <summary>User ids of the OpenPGP key that it has signed itself, or e-mail addresses and subject of the certificate. May be empty.</summary>
    public required IReadOnlyList<string> UserIds { get; init; }

    /// <summary>What encrypts, for people: "RSA 3072", "ECDH Curve25519".</summary>
    public required string Algorithm { get; init; }

    /// <summary>From when on it may no longer be used; null for never.</summary>
    public required DateTimeOffset? ExpiresAt { get; init; }

    // Fields of BouncyCastle's types would load its assembly with this class; a cast does so only where one is used.
    internal PgpPublicKey OpenPgp => (PgpPublicKey)_key;

    internal X509Certificate Certificate => (X509Certificate)_key;
}

public enum KeyFault
{
    None = 0,

    /// <summary>Longer than <see cref="EncryptionOptions.MaxKeyOctets"/>.</summary>
    TooLarge = 1,

    /// <summary>Neither an OpenPGP key nor a certificate, or a damaged one.</summary>
    NotAKey = 2,

    /// <summary>Holds a private key, which nobody but its owner should have.</summary>
    PrivateKey = 3,

    /// <summary>More than one key, and no way to know which.</summary>
    SeveralKeys = 4,

    /// <summary>A version, algorithm or curve that cannot be encrypted to.</summary>
    Unsupported = 5,

    /// <summary>RSA shorter than <see cref="EncryptionOptions.MinRsaBits"/>.</summary>
    Weak = 6,

    Revoked = 7,

    Expired = 8,

    NotYetValid = 9,

    /// <summary>A key for signing only.</summary>
    CannotEncrypt = 10,
}

/// <summary>What an uploaded file turned out to be: a usable key, or why it is none.</summary>
public sealed class RecipientKeyResult
{
    private RecipientKeyResult(RecipientKey? key, KeyFault fault, string? reason) => (Key, Fault, Reason) = (key, fault, reason);

    public RecipientKey? Key { get; }

    public KeyFault Fault { get; }

    /// <summary>Where there is no key: one whole sentence for its owner.</summary>
    public string? Reason { get; }

    [MemberNotNullWhen(true, nameof(Key))]
    [MemberNotNullWhen(false, nameof(Reason))]
    public bool IsUsable => Key is not null;

    internal static RecipientKeyResult Usable(RecipientKey key) => new(key, KeyFault.None, null);

    internal static RecipientKeyResult Unusable(KeyFault fault, string reason) => new(null, fault, reason);
}
