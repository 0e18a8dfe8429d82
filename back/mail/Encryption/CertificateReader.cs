using System.Security.Cryptography;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.Pkcs;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.X509;

namespace Smtpy.Mail.Encryption;

/// <summary>
/// Examines an X.509 certificate for S/MIME (RFC 8550, RFC 5280). Who issued it is not asked: its owner uploaded it. Of a
/// file with a chain the one that is no certification authority's is taken.
/// </summary>
internal static class CertificateReader
{
    /// <summary>Certificates in one file; a chain has three or four.</summary>
    public const int MaxCertificates = 8;

    // RFC 5280 section 4.2.1.3: positions in KeyUsage.
    private const int KeyEncipherment = 2;
    private const int KeyAgreement = 4;

    private const int MaxExponentBits = 64;

    public static RecipientKeyResult Read(IReadOnlyList<byte[]> certificates, DateTimeOffset now, EncryptionOptions options)
    {
        if (certificates.Count > MaxCertificates)
        {
            return RecipientKeyReader.SeveralKeys();
        }

        try
        {
            var parsed = certificates.Select(static der => new X509Certificate(der)).ToList();
            var candidates = parsed.Count == 1 ? parsed : parsed.FindAll(static certificate => certificate.GetBasicConstraints() < 0);
            return candidates.Count == 1 ? Examine(candidates[0], now, options) : RecipientKeyReader.SeveralKeys();
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            // The library throws many types for content that makes no sense, and what it means is one and the same.
            return RecipientKeyReader.NoKey();
        }
    }

    private static RecipientKeyResult Examine(X509Certificate certificate, DateTimeOffset now, EncryptionOptions options)
    {
        var notAfter = OpenPgpKeyReader.Utc(certificate.NotAfter);
        if (notAfter <= now)
        {
            return RecipientKeyResult.Unusable(KeyFault.Expired, $"The certificate expired on {notAfter:yyyy-MM-dd}.");
        }

        if (OpenPgpKeyReader.Utc(certificate.NotBefore) > now)
        {
            return RecipientKeyResult.Unusable(KeyFault.NotYetValid, $"The certificate is not valid before {certificate.NotBefore:yyyy-MM-dd}.");
        }

        if (HasExplicitCurve(certificate))
        {
            return Unsupported();
        }

        if (!MayEncrypt(certificate))
        {
            return RecipientKeyResult.Unusable(KeyFault.CannotEncrypt, "The certificate's key usage does not allow encryption to it.");
        }

        var octets = certificate.GetEncoded();
        return Algorithm(certificate, options, out var algorithm) ?? RecipientKeyResult.Usable(new RecipientKey(certificate, octets)
        {
            Fingerprint = Convert.ToHexString(SHA256.HashData(octets)),
            UserIds = Names(certificate),
            Algorithm = algorithm,
            ExpiresAt = notAfter,
        });
    }

    private static RecipientKeyResult? Algorithm(X509Certificate certificate, EncryptionOptions options, out string algorithm)
    {
        algorithm = "";
        var isRsa = PkcsObjectIdentifiers.RsaEncryption.Equals(certificate.SubjectPublicKeyInfo.Algorithm.Algorithm);
        switch (certificate.GetPublicKey())
        {
            case RsaKeyParameters rsa when isRsa && rsa.Modulus.BitLength < options.MinRsaBits:
                return RecipientKeyResult.Unusable(
                    KeyFault.Weak, $"The certificate's key is RSA with {rsa.Modulus.BitLength} bits; at least {options.MinRsaBits} are needed.");
            case RsaKeyParameters rsa when isRsa && rsa.Modulus.BitLength <= options.MaxRsaBits && rsa.Exponent.BitLength <= MaxExponentBits:
                algorithm = $"RSA {rsa.Modulus.BitLength}";
                return null;
            case ECPublicKeyParameters { PublicKeyParamSet: not null } elliptic:
                algorithm = $"ECDH {elliptic.Parameters.N.BitLength} bits";
                return null;
            default:
                return Unsupported();
        }
    }

    // A curve described by numbers of somebody's choice: looked at before the library calculates with it.
    private static bool HasExplicitCurve(X509Certificate certificate)
    {
        var algorithm = certificate.SubjectPublicKeyInfo.Algorithm;
        return X9ObjectIdentifiers.IdECPublicKey.Equals(algorithm.Algorithm) && algorithm.Parameters is not DerObjectIdentifier;
    }

    private static RecipientKeyResult Unsupported() => RecipientKeyResult.Unusable(
        KeyFault.Unsupported, "The certificate's key is of a kind that cannot be encrypted to: RSA and named elliptic curves can.");

    // Without the extension any use is allowed.
    private static bool MayEncrypt(X509Certificate certificate)
    {
        if (certificate.GetKeyUsage() is not { } usage)
        {
            return true;
        }

        var needed = certificate.GetPublicKey() is ECPublicKeyParameters ? KeyAgreement : KeyEncipherment;
        return usage.Length > needed && usage[needed];
    }

    private static List<string> Names(X509Certificate certificate)
    {
        const int Rfc822Name = 1;
        var names = new List<string>();
        foreach (var name in certificate.GetSubjectAlternativeNames() ?? [])
        {
            if (name is [int and Rfc822Name, string address])
            {
                names.Add(address);
            }
        }

        names.Add(certificate.SubjectDN.ToString());
        return names;
    }
}
