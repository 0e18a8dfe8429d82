using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Crypto.Prng;
using Org.BouncyCastle.Security;

namespace Smtpy.Mail.Encryption;

/// <summary>
/// The body of a PGP/MIME message (RFC 3156 section 4): AES-256 with integrity protection (SEIPD version 1, which every
/// program in use reads). Not compressed: attachments are already, and a length that depends on content gives some of it away.
/// </summary>
internal static class PgpMimeWriter
{
    // A packet is written in parts of this length (RFC 9580 section 4.2.1.4); a power of two, at least 512.
    private const int PartLength = 32 * 1024;

    public static void Write(MessagePayload payload, PgpPublicKey key, Stream output, CancellationToken cancellationToken)
    {
        // No line of base64 or of the armour begins with "--=_".
        var boundary = $"=_pgp_{RandomNumberGenerator.GetHexString(32, lowercase: true)}";
        output.Write(Encoding.ASCII.GetBytes(
            "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\";\r\n" +
            $"\tboundary=\"{boundary}\"\r\n\r\n" +
            $"--{boundary}\r\nContent-Type: application/pgp-encrypted\r\nContent-Description: PGP/MIME version identification\r\n\r\n" +
            $"Version: 1\r\n\r\n--{boundary}\r\n" +
            "Content-Type: application/octet-stream; name=\"encrypted.asc\"\r\nContent-Description: OpenPGP encrypted message\r\n" +
            "Content-Disposition: inline; filename=\"encrypted.asc\"\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\n"));
        var armor = new Base64LineStream(output, withChecksum: true);
        Encrypt(payload, key, armor, cancellationToken);
        armor.Finish();
        output.Write(Encoding.ASCII.GetBytes($"-----END PGP MESSAGE-----\r\n\r\n--{boundary}--\r\n"));
    }

    private static void Encrypt(MessagePayload payload, PgpPublicKey key, Base64LineStream armor, CancellationToken cancellationToken)
    {
        var generator = new PgpEncryptedDataGenerator(
            SymmetricKeyAlgorithmTag.Aes256, withIntegrityPacket: true, new SecureRandom(new CryptoApiRandomGenerator()));
        generator.AddMethod(key);
        using var encrypted = generator.Open(armor, new byte[PartLength]);

        // No file name, and no time: when it was encrypted is nobody's business.
        var literal = new PgpLiteralDataGenerator();
        using var content = literal.Open(encrypted, PgpLiteralData.Binary, "", DateTime.UnixEpoch, new byte[PartLength]);
        payload.Write(content, cancellationToken);
    }
}
