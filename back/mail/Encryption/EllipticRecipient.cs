using System.Buffers.Binary;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.Cms;
using Org.BouncyCastle.Asn1.Nist;
using Org.BouncyCastle.Asn1.Sec;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Cms;
using Org.BouncyCastle.Crypto.Agreement;
using Org.BouncyCastle.Crypto.Agreement.Kdf;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Utilities;
using Org.BouncyCastle.X509;
using AlgorithmIdentifier = Org.BouncyCastle.Asn1.X509.AlgorithmIdentifier;
using RecipientInfo = Org.BouncyCastle.Asn1.Cms.RecipientInfo;

namespace Smtpy.Mail.Encryption;

/// <summary>
/// Hands the content's key to the holder of an elliptic curve certificate: RFC 5753 section 3.1.1, ephemeral-static ECDH with
/// SHA-256, AES-256 key wrap. The library's own generator derives the key with NULL parameters in the key wrap's identifier,
/// which RFC 3565 section 2.3.2 forbids and the identifier it sends does not have, so OpenSSL cannot read it.
/// </summary>
internal sealed class EllipticRecipient(X509Certificate certificate, ECPublicKeyParameters recipient) : RecipientInfoGenerator
{
    private const int WrapKeyOctets = 32;

    private static readonly AlgorithmIdentifier KeyWrap = new(NistObjectIdentifiers.IdAes256Wrap);

    // dhSinglePass-stdDH-sha256kdf-scheme.
    private static readonly DerObjectIdentifier Scheme = SecObjectIdentifiers.dhSinglePass_stdDH_sha256kdf_scheme;

    public RecipientInfo Generate(KeyParameter contentEncryptionKey, SecureRandom random)
    {
        // A key pair for this message alone, on the recipient's curve.
        var pairs = new ECKeyPairGenerator();
        pairs.Init(new ECKeyGenerationParameters(recipient.PublicKeyParamSet, random));
        var pair = pairs.GenerateKeyPair();
        var own = SubjectPublicKeyInfoFactory.CreateSubjectPublicKeyInfo(pair.Public);

        var wrap = new AesWrapEngine();
        wrap.Init(forWrapping: true, new KeyParameter(WrapKey((ECPrivateKeyParameters)pair.Private)));
        var key = contentEncryptionKey.GetKey();
        var wrapped = wrap.Wrap(key, 0, key.Length);

        var identifier = new KeyAgreeRecipientIdentifier(new IssuerAndSerialNumber(certificate.IssuerDN, certificate.SerialNumber));
        return new RecipientInfo(new KeyAgreeRecipientInfo(
            new OriginatorIdentifierOrKey(new OriginatorPublicKey(own.Algorithm, own.PublicKey.GetBytes())),
            null,
            new AlgorithmIdentifier(Scheme, KeyWrap),
            new DerSequence(new RecipientEncryptedKey(identifier, new DerOctetString(wrapped)))));
    }

    // RFC 5753 section 7.2: ECC-CMS-SharedInfo; the derivation is that of ANSI X9.63.
    private byte[] WrapKey(ECPrivateKeyParameters own)
    {
        var agreement = new ECDHBasicAgreement();
        agreement.Init(own);
        var secret = BigIntegers.AsUnsignedByteArray(agreement.GetFieldSize(), agreement.CalculateAgreement(recipient));
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, WrapKeyOctets * 8);
        var shared = new DerSequence(KeyWrap, new DerTaggedObject(isExplicit: true, 2, new DerOctetString(length)));

        var derivation = new Kdf2BytesGenerator(new Sha256Digest());
        derivation.Init(new KdfParameters(secret, shared.GetEncoded(Asn1Encodable.Der)));
        var key = new byte[WrapKeyOctets];
        derivation.GenerateBytes(key, 0, key.Length);
        return key;
    }
}
