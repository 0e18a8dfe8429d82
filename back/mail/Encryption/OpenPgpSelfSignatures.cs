using System.Buffers.Binary;
using System.Text;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;

namespace Smtpy.Mail.Encryption;

/// <summary>
/// The signatures an OpenPGP primary key has made over itself, its user ids and its subkeys, each verified: a file from a
/// stranger or a key server may carry anything (RFC 9580 section 10.1).
/// </summary>
internal sealed class OpenPgpSelfSignatures(PgpPublicKey primary, DateTimeOffset now)
{
    // Clocks differ; a signature from further in the future does not count yet.
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromDays(1);

    // Each costs a public key operation. Keys renewed every month for years have about a hundred.
    private const int MaxVerifications = 500;

    private int _verifications;

    /// <summary>The newest valid direct-key signature or certification of a user id: it decides the primary key's dates and use.</summary>
    public PgpSignature? OverPrimary(out List<string> userIds)
    {
        userIds = [];
        var newest = Newest(primary.GetKeySignatures(), PgpSignature.DirectKey, signature => signature.VerifyCertification(primary));
        foreach (var id in primary.GetRawUserIds())
        {
            if (OverUserId(id) is { } certification)
            {
                userIds.Add(Encoding.UTF8.GetString(id));
                newest = newest is null || certification.CreationTime > newest.CreationTime ? certification : newest;
            }
        }

        return newest;
    }

    public bool IsRevoked() =>
        Newest(primary.GetKeySignatures(), PgpSignature.KeyRevocation, signature => signature.VerifyCertification(primary)) is not null;

    public PgpSignature? Binding(PgpPublicKey subkey) =>
        Newest(subkey.GetSignatures(), PgpSignature.SubkeyBinding, signature => signature.VerifyCertification(primary, subkey));

    public bool IsRevoked(PgpPublicKey subkey) =>
        Newest(subkey.GetSignatures(), PgpSignature.SubkeyRevocation, signature => signature.VerifyCertification(primary, subkey)) is not null;

    private PgpSignature? OverUserId(byte[] id)
    {
        PgpSignature? certification = null;
        var signatures = primary.GetSignaturesForId(id)?.ToList() ?? [];
        for (var type = PgpSignature.DefaultCertification; type <= PgpSignature.PositiveCertification; type++)
        {
            var found = Newest(signatures, type, signature => VerifyCertification(signature, id));
            certification = found is not null && (certification is null || found.CreationTime > certification.CreationTime)
                ? found
                : certification;
        }

        var revocation = Newest(signatures, PgpSignature.CertificationRevocation, signature => VerifyCertification(signature, id));
        return revocation is not null && revocation.CreationTime >= certification?.CreationTime ? null : certification;
    }

    // RFC 9580 section 5.2.4. The library's own takes user ids as text and loses those that are not ASCII.
    private bool VerifyCertification(PgpSignature signature, byte[] id)
    {
        var key = primary.PublicKeyPacket.GetEncodedContents();
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)key.Length);
        signature.Update(0x99);
        signature.Update(length[..2]);
        signature.Update(key);
        BinaryPrimitives.WriteInt32BigEndian(length, id.Length);
        signature.Update(0xB4);
        signature.Update(length);
        signature.Update(id);
        return signature.Verify();
    }

    private PgpSignature? Newest(IEnumerable<PgpSignature> signatures, int type, Func<PgpSignature, bool> verify)
    {
        PgpSignature? newest = null;
        foreach (var signature in signatures)
        {
            if (signature.SignatureType == type && IsCurrent(signature)
                && (newest is null || signature.CreationTime > newest.CreationTime) && Verifies(signature, verify))
            {
                newest = signature;
            }
        }

        return newest;
    }

    private bool IsCurrent(PgpSignature signature)
    {
        var stated = signature.GetHashedSubPackets();
        if (signature.KeyId != primary.KeyId || stated is null || !stated.HasSignatureCreationTime())
        {
            return false;
        }

        var created = OpenPgpKeyReader.Utc(stated.GetSignatureCreationTime());
        var seconds = stated.GetSignatureExpirationTime();
        return created <= now + ClockTolerance && (seconds == 0 || created.AddSeconds(seconds) > now);
    }

    private bool Verifies(PgpSignature signature, Func<PgpSignature, bool> verify)
    {
        // MD5 and older can be made to collide; SHA-1 remains in many keys and is safe for what a key says of itself.
        if (signature.HashAlgorithm is HashAlgorithmTag.MD5 or HashAlgorithmTag.MD2 || ++_verifications > MaxVerifications)
        {
            return false;
        }

        try
        {
            signature.InitVerify(primary);
            return verify(signature);
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            // The library throws many types for numbers that make no sense; such a signature just does not count.
            return false;
        }
    }
}
