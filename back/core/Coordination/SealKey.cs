using System.Security.Cryptography;

namespace Smtpy.Core.Coordination;

/// <summary>Encrypts with a key made of SECRET_KEY for one purpose: AES-256-GCM, key by HKDF-SHA-256 (RFC 5869). Octets: nonce, tag, cipher text.</summary>
internal sealed class SealKey(ReadOnlyMemory<byte> secret, string purpose)
{
    private static readonly int NonceLength = AesGcm.NonceByteSizes.MaxSize;
    private static readonly int TagLength = AesGcm.TagByteSizes.MaxSize;

    private readonly byte[] _key = HKDF.DeriveKey(
        HashAlgorithmName.SHA256, secret.ToArray(), 32, info: System.Text.Encoding.ASCII.GetBytes(purpose));

    /// <summary>With a random nonce: of 96 bits, good for far more seals than are ever made.</summary>
    /// <param name="context">What the octets belong to; they open only with the same.</param>
    public byte[] Encrypt(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> context = default)
    {
        var octets = new byte[NonceLength + TagLength + plain.Length];
        var nonce = octets.AsSpan(0, NonceLength);
        var tag = octets.AsSpan(NonceLength, TagLength);
        var cipher = octets.AsSpan(NonceLength + TagLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key, TagLength);
        aes.Encrypt(nonce, plain, cipher, tag, context);
        return octets;
    }

    /// <returns>Null where they were encrypted with another secret, for another purpose or context, or were changed since.</returns>
    public byte[]? Decrypt(ReadOnlySpan<byte> octets, ReadOnlySpan<byte> context = default)
    {
        if (octets.Length < NonceLength + TagLength)
        {
            return null;
        }

        var plain = new byte[octets.Length - NonceLength - TagLength];
        using var aes = new AesGcm(_key, TagLength);
        try
        {
            aes.Decrypt(octets[..NonceLength], octets[(NonceLength + TagLength)..], octets.Slice(NonceLength, TagLength), plain, context);
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
