using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math.EC.Rfc8032;
using Org.BouncyCastle.Pkcs;
using Org.BouncyCastle.Security;

namespace Smtpy.Mail.Dkim;

/// <summary>A private key that signs mail. Thread-safe; signing threads do not wait for each other.</summary>
public abstract class PrivateKey : IDisposable
{
    /// <summary>Bits of a new RSA key. 2048: RFC 8301 section 3.2 asks for it, and a larger one fits no single DNS string and few UDP answers.</summary>
    public const int RsaBits = 2048;

    // The largest key that KeyDirectory would verify; also bounds the work of reading one.
    private const int MaxPemLength = 16 * 1024;

    public abstract SignatureAlgorithm Algorithm { get; }

    /// <summary>The public half as in p=: SubjectPublicKeyInfo for RSA, 32 octets for Ed25519 (RFC 8463 section 4.2).</summary>
    internal abstract byte[] PublicOctets { get; }

    /// <summary>The public half as in p=: base64.</summary>
    public string PublicText => Convert.ToBase64String(PublicOctets);

    /// <summary>PKCS #8 (RFC 5958) in PEM, unencrypted: whoever stores it encrypts it.</summary>
    public abstract string ExportPem();

    public static PrivateKey GenerateRsa() => new RsaPrivateKey(RSA.Create(RsaBits));

    public static PrivateKey GenerateEd25519()
    {
        var seed = RandomNumberGenerator.GetBytes(Ed25519.SecretKeySize);
        return new Ed25519PrivateKey(seed);
    }

    /// <param name="pem">"PRIVATE KEY" (PKCS #8, RSA or Ed25519) or "RSA PRIVATE KEY" (PKCS #1), unencrypted.</param>
    /// <param name="reason">Where false is returned, what is wrong, as the end of a sentence: "is not PEM".</param>
    public static bool TryImportPem(
        string pem, [NotNullWhen(true)] out PrivateKey? key, [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(pem);
        key = null;
        reason = null;
        if (pem.Length > MaxPemLength || !PemEncoding.TryFind(pem, out var fields))
        {
            reason = "is not PEM";
            return false;
        }

        var label = pem[fields.Label];
        var octets = Convert.FromBase64String(pem[fields.Base64Data]);
        key = label switch
        {
            "PRIVATE KEY" => ReadPkcs8(octets),
            "RSA PRIVATE KEY" => ReadRsa(octets, static (rsa, key) => rsa.ImportRSAPrivateKey(key, out _)),
            _ => null,
        };
        reason = key is null ? "is not an unencrypted RSA or Ed25519 private key" : null;
        return key is not null;
    }

    /// <param name="hash">SHA-256 of what is signed.</param>
    internal abstract byte[] Sign(byte[] hash);

    public virtual void Dispose() => GC.SuppressFinalize(this);

    private static PrivateKey? ReadPkcs8(byte[] octets)
    {
        PrivateKey? rsa = ReadRsa(octets, static (rsa, key) => rsa.ImportPkcs8PrivateKey(key, out _));
        return rsa ?? ReadEd25519(octets);
    }

    private static RsaPrivateKey? ReadRsa(byte[] octets, Action<RSA, byte[]> import)
    {
        var rsa = RSA.Create();
        try
        {
            import(rsa, octets);
            return new RsaPrivateKey(rsa);
        }
        catch (CryptographicException)
        {
            rsa.Dispose();
            return null;
        }
    }

    private static Ed25519PrivateKey? ReadEd25519(byte[] octets)
    {
        try
        {
            return PrivateKeyFactory.CreateKey(octets) is Ed25519PrivateKeyParameters key ? new Ed25519PrivateKey(key.GetEncoded()) : null;
        }
        catch (Exception e) when (e is IOException or ArgumentException or InvalidOperationException
            or InvalidCastException or SecurityUtilityException)
        {
            // What BouncyCastle throws at octets that are no PKCS #8.
            return null;
        }
    }

    private sealed class RsaPrivateKey : PrivateKey
    {
        private readonly RsaPool _pool;

        public RsaPrivateKey(RSA first)
        {
            PublicOctets = first.ExportSubjectPublicKeyInfo();
            var parameters = first.ExportParameters(includePrivateParameters: true);
            _pool = new RsaPool(() => RSA.Create(parameters));
            _pool.Return(first);
        }

        public override SignatureAlgorithm Algorithm => SignatureAlgorithm.RsaSha256;

        internal override byte[] PublicOctets { get; }

        public override string ExportPem() => WithRsa(static rsa => rsa.ExportPkcs8PrivateKeyPem());

        internal override byte[] Sign(byte[] hash) =>
            WithRsa(rsa => rsa.SignHash(hash, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

        public override void Dispose()
        {
            _pool.Clear();
            base.Dispose();
        }

        private T WithRsa<T>(Func<RSA, T> use)
        {
            var rsa = _pool.Rent();
            try
            {
                return use(rsa);
            }
            finally
            {
                _pool.Return(rsa);
            }
        }
    }

    private sealed class Ed25519PrivateKey : PrivateKey
    {
        private readonly byte[] _seed;

        public Ed25519PrivateKey(byte[] seed)
        {
            _seed = seed;
            PublicOctets = new byte[Ed25519.PublicKeySize];
            Ed25519.GeneratePublicKey(seed, 0, PublicOctets, 0);
        }

        public override SignatureAlgorithm Algorithm => SignatureAlgorithm.Ed25519Sha256;

        internal override byte[] PublicOctets { get; }

        public override string ExportPem()
        {
            var info = PrivateKeyInfoFactory.CreatePrivateKeyInfo(new Ed25519PrivateKeyParameters(_seed));
            return PemEncoding.WriteString("PRIVATE KEY", info.GetDerEncoded());
        }

        internal override byte[] Sign(byte[] hash)
        {
            var signature = new byte[Ed25519.SignatureSize];
            Ed25519.Sign(_seed, 0, PublicOctets, 0, hash, 0, hash.Length, signature, 0);
            return signature;
        }
    }
}
