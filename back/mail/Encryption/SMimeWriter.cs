using Org.BouncyCastle.Cms;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Prng;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;

namespace Smtpy.Mail.Encryption;

/// <summary>
/// The body of an S/MIME message (RFC 8551 section 3.3): enveloped-data with AES-256-CBC. AuthEnvelopedData with AES-GCM
/// would be the better cipher, but Outlook, Apple Mail and Thunderbird do not all read it. RSA keys are transported with
/// PKCS#1 version 1.5 and elliptic curve keys agreed with SHA-256 (RFC 5753), for the same reason.
/// </summary>
internal static class SMimeWriter
{
    public static void Write(MessagePayload payload, X509Certificate certificate, Stream output, CancellationToken cancellationToken)
    {
        output.Write(
            "Content-Type: application/pkcs7-mime; smime-type=enveloped-data;\r\n\tname=\"smime.p7m\"\r\n"u8);
        output.Write(
            "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"smime.p7m\"\r\n\r\n"u8);
        var base64 = new Base64LineStream(output);
        var generator = new CmsEnvelopedDataStreamGenerator(new SecureRandom(new CryptoApiRandomGenerator()));
        if (certificate.GetPublicKey() is ECPublicKeyParameters elliptic)
        {
            generator.AddRecipientInfoGenerator(new EllipticRecipient(certificate, elliptic));
        }
        else
        {
            generator.AddKeyTransRecipient(certificate);
        }

        using (var encrypted = generator.Open(base64, CmsEnvelopedGenerator.Aes256Cbc))
        {
            payload.Write(encrypted, cancellationToken);
        }

        base64.Finish();
    }
}
