using System.Collections.Concurrent;
using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Smtpy.Mail.Dkim;

/// <summary>A signer's public key, ready for use by any number of threads.</summary>
internal abstract class PublicKey
{
    // The SubjectPublicKeyInfo of a 16,384-bit key.
    private const int MaxKeyOctets = 2100;

    public abstract int Bits { get; }

    public abstract SignatureAlgorithm Algorithm { get; }

    /// <param name="hash">SHA-256 of what was signed.</param>
    public abstract bool Verifies(byte[] hash, byte[] signature);

    /// <summary>An RSA key as SubjectPublicKeyInfo, as everybody publishes it, or as the RSAPublicKey that RFC 6376 section 3.6.1 asks for.</summary>
    /// <returns>Null where the octets are neither.</returns>
    public static PublicKey? ReadRsa(byte[] octets)
    {
        if (octets.Length > MaxKeyOctets)
        {
            return null;
        }

        return TryImport(octets, static (rsa, key) => rsa.ImportSubjectPublicKeyInfo(key, out _))
            ?? TryImport(octets, static (rsa, key) => rsa.ImportRSAPublicKey(key, out _));
    }

    /// <summary>The 32 octets of an Ed25519 key (RFC 8463 section 4.2).</summary>
    /// <returns>Null where they are no key.</returns>
    public static PublicKey? ReadEd25519(byte[] octets) =>
        octets.Length == Ed25519.PublicKeySize && Ed25519.ValidatePublicKeyPartialExport(octets, 0) is { } point
            ? new Ed25519PublicKey(point)
            : null;

    private static RsaPublicKey? TryImport(byte[] octets, Action<RSA, byte[]> import)
    {
        var rsa = RSA.Create();
        try
        {
            import(rsa, octets);
            return new RsaPublicKey(rsa);
        }
        catch (CryptographicException)
        {
            rsa.Dispose();
            return null;
        }
    }

    private sealed class RsaPublicKey : PublicKey
    {
        private readonly RsaPool _pool;

        public RsaPublicKey(RSA first)
        {
            Bits = first.KeySize;
            var parameters = first.ExportParameters(includePrivateParameters: false);
            _pool = new RsaPool(() => RSA.Create(parameters));
            _pool.Return(first);
        }

        public override int Bits { get; }

        public override SignatureAlgorithm Algorithm => SignatureAlgorithm.RsaSha256;

        public override bool Verifies(byte[] hash, byte[] signature)
        {
            var rsa = _pool.Rent();
            try
            {
                return rsa.VerifyHash(hash, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            }
            catch (CryptographicException)
            {
                // A key that is no key, such as an even modulus, is found out by OpenSSL only now.
                return false;
            }
            finally
            {
                _pool.Return(rsa);
            }
        }
    }

    private sealed class Ed25519PublicKey(Ed25519.PublicPoint point) : PublicKey
    {
        public override int Bits => 256;

        public override SignatureAlgorithm Algorithm => SignatureAlgorithm.Ed25519Sha256;

        public override bool Verifies(byte[] hash, byte[] signature) =>
            signature.Length == Ed25519.SignatureSize && Ed25519.Verify(signature, 0, point, hash, 0, hash.Length);
    }
}

/// <summary>
/// RSA objects of one key, one for each thread that works at the same time: an instance is not promised to be thread-safe, and importing
/// a key costs as much as verifying with it.
/// </summary>
internal sealed class RsaPool(Func<RSA> create)
{
    private readonly ConcurrentBag<RSA> _idle = [];

    public RSA Rent() => _idle.TryTake(out var rsa) ? rsa : create();

    public void Return(RSA rsa) => _idle.Add(rsa);

    /// <summary>Those in use at the time stay with the finalizer.</summary>
    public void Clear()
    {
        while (_idle.TryTake(out var rsa))
        {
            rsa.Dispose();
        }
    }
}
