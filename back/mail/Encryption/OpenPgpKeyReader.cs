using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Smtpy.Mail.Encryption;

/// <summary>
/// Finds the subkey (or primary key) of an OpenPGP key, version 4, that mail is to be encrypted to: RFC 9580 section 10.1.
/// Of several usable ones the newest is taken. Revocations by other keys (section 5.2.3.23) are not known here.
/// </summary>
internal static class OpenPgpKeyReader
{
    private const int EncryptCommunications = 0x04;
    private const int EncryptStorage = 0x08;

    public static RecipientKeyResult Read(byte[] octets, DateTimeOffset now, EncryptionOptions options)
    {
        switch (OpenPgpPackets.Read(octets, options))
        {
            case { HasSecretKey: true }:
                return RecipientKeyReader.PrivateKey();
            case { PrimaryKeys: > 1 }:
                return RecipientKeyReader.SeveralKeys();
            case { PrimaryKeys: 1, PrimaryUnsupported: true }:
                return Unsupported();
            case { PrimaryKeys: 1 } packets:
                return Examine(packets.Kept, now, options);
            default:
                return RecipientKeyReader.NoKey();
        }
    }

    internal static DateTimeOffset Utc(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));

    private static RecipientKeyResult Examine(byte[] packets, DateTimeOffset now, EncryptionOptions options)
    {
        try
        {
            return Choose(new PgpPublicKeyRing(packets), packets, now, options);
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            // The library throws many types for content that makes no sense, and what it means is one and the same.
            return RecipientKeyReader.NoKey();
        }
    }

    private static RecipientKeyResult Choose(PgpPublicKeyRing ring, byte[] packets, DateTimeOffset now, EncryptionOptions options)
    {
        var primary = ring.GetPublicKey();
        if (IsFromTheFuture(primary, now))
        {
            return NotYetValid(primary);
        }

        var signatures = new OpenPgpSelfSignatures(primary, now);
        if (signatures.IsRevoked())
        {
            return RecipientKeyResult.Unusable(KeyFault.Revoked, "The key has been revoked by its owner.");
        }

        if (signatures.OverPrimary(out var userIds) is not { } own)
        {
            return RecipientKeyResult.Unusable(
                KeyFault.NotAKey, "The key has no valid signature of its own over a user ID: export it again from the program that made it.");
        }

        if (Dates(primary, own, now) is { } outOfDate)
        {
            return outOfDate;
        }

        RecipientKeyResult? refusal = null;
        (PgpPublicKey Key, PgpSignature Binding)? best = null;
        foreach (var key in ring.GetPublicKeys())
        {
            var binding = key.IsMasterKey ? own : signatures.Binding(key);
            if (binding is null || !MayEncrypt(key, binding))
            {
                continue;
            }

            var fault = key.IsMasterKey ? null : signatures.IsRevoked(key)
                ? RecipientKeyResult.Unusable(KeyFault.Revoked, "The part of the key that encrypts has been revoked by its owner.")
                : Dates(key, binding, now);
            fault ??= Strength(key, options);
            if (fault is null && (best is null || key.CreationTime > best.Value.Key.CreationTime))
            {
                best = (key, binding);
            }

            refusal ??= fault;
        }

        return best is var (chosen, bound)
            ? RecipientKeyResult.Usable(new RecipientKey(chosen, packets)
            {
                Fingerprint = Convert.ToHexString(primary.GetFingerprint()),
                UserIds = userIds,
                Algorithm = Name(chosen),
                ExpiresAt = Earlier(Expiry(primary, own), Expiry(chosen, bound)),
            })
            : refusal ?? RecipientKeyResult.Unusable(KeyFault.CannotEncrypt, "The key is for signing only: it has no part that encrypts.");
    }

    private static bool MayEncrypt(PgpPublicKey key, PgpSignature binding)
    {
        var capable = key.Algorithm is PublicKeyAlgorithmTag.RsaGeneral or PublicKeyAlgorithmTag.RsaEncrypt or PublicKeyAlgorithmTag.ECDH;
        var stated = binding.GetHashedSubPackets();
        return capable && (!stated.HasSubpacket(SignatureSubpacketTag.KeyFlags)
            || (stated.GetKeyFlags() & (EncryptCommunications | EncryptStorage)) != 0);
    }

    private static RecipientKeyResult? Strength(PgpPublicKey key, EncryptionOptions options)
    {
        if (key.Algorithm == PublicKeyAlgorithmTag.ECDH)
        {
            return CurveName(key) is null ? Unsupported() : null;
        }

        return key.BitStrength < options.MinRsaBits
            ? RecipientKeyResult.Unusable(
                KeyFault.Weak, $"The key is RSA with {key.BitStrength} bits; at least {options.MinRsaBits} are needed.")
            : null;
    }

    private static RecipientKeyResult? Dates(PgpPublicKey key, PgpSignature binding, DateTimeOffset now)
    {
        if (IsFromTheFuture(key, now))
        {
            return NotYetValid(key);
        }

        return Expiry(key, binding) is { } expiry && expiry <= now
            ? RecipientKeyResult.Unusable(KeyFault.Expired, $"The key expired on {expiry:yyyy-MM-dd}.")
            : null;
    }

    private static bool IsFromTheFuture(PgpPublicKey key, DateTimeOffset now) =>
        Utc(key.CreationTime) > now + OpenPgpSelfSignatures.ClockTolerance;

    private static RecipientKeyResult NotYetValid(PgpPublicKey key) =>
        RecipientKeyResult.Unusable(KeyFault.NotYetValid, $"The key is not valid before {Utc(key.CreationTime):yyyy-MM-dd}.");

    // Section 5.2.3.13: seconds after the key's creation; 0 for never.
    private static DateTimeOffset? Expiry(PgpPublicKey key, PgpSignature binding)
    {
        var stated = binding.GetHashedSubPackets();
        var (lifetime, validity) = (stated.GetKeyExpirationTime(), stated.GetSignatureExpirationTime());
        return Earlier(
            lifetime == 0 ? null : Utc(key.CreationTime).AddSeconds(lifetime),
            validity == 0 ? null : Utc(binding.CreationTime).AddSeconds(validity));
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one < other || other is null ? one : other;

    private static string Name(PgpPublicKey key) =>
        key.Algorithm == PublicKeyAlgorithmTag.ECDH ? $"ECDH {CurveName(key)}" : $"RSA {key.BitStrength}";

    private static string? CurveName(PgpPublicKey key) => (key.PublicKeyPacket.Key as ECPublicBcpgKey)?.CurveOid.Id switch
    {
        "1.3.6.1.4.1.3029.1.5.1" => "Curve25519",
        "1.2.840.10045.3.1.7" => "P-256",
        "1.3.132.0.34" => "P-384",
        "1.3.132.0.35" => "P-521",
        _ => null,
    };

    private static RecipientKeyResult Unsupported() => RecipientKeyResult.Unusable(
        KeyFault.Unsupported, "The key is of a kind that cannot be encrypted to: RSA, Curve25519 and the NIST curves in version 4 keys can.");
}
