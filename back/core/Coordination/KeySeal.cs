using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;

namespace Smtpy.Core.Coordination;

/// <summary>
/// Seals data-protection keys at rest with a key made of SECRET_KEY (AES-256-GCM; HKDF-SHA-256, RFC 5869): a copy of Redis or of
/// the folder alone opens nothing. With another SECRET_KEY old keys cannot be read, and new ones are made.
/// </summary>
public sealed class KeySeal(ReadOnlyMemory<byte> secret) : IXmlEncryptor
{
    private static readonly XName ElementName = "sealed";
    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret.ToArray(), 32, info: "smtpy data protection keys"u8.ToArray());

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        ArgumentNullException.ThrowIfNull(plaintextElement);
        var plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var nonce = RandomNumberGenerator.GetBytes(AesGcm.NonceByteSizes.MaxSize);
        var tag = new byte[AesGcm.TagByteSizes.MaxSize];
        var cipher = new byte[plain.Length];
        using var aes = new AesGcm(_key, tag.Length);
        aes.Encrypt(nonce, plain, cipher, tag);
        return new EncryptedXmlInfo(new XElement(ElementName, Convert.ToBase64String([.. nonce, .. tag, .. cipher])), typeof(KeyUnseal));
    }

    /// <exception cref="CryptographicException">Sealed with another secret, or changed since.</exception>
    internal XElement Open(XElement element)
    {
        var octets = Convert.FromBase64String(element.Value).AsSpan();
        var (nonce, tag) = (AesGcm.NonceByteSizes.MaxSize, AesGcm.TagByteSizes.MaxSize);
        if (octets.Length < nonce + tag)
        {
            throw new CryptographicException("A sealed key is cut short.");
        }

        var plain = new byte[octets.Length - nonce - tag];
        using var aes = new AesGcm(_key, tag);
        aes.Decrypt(octets[..nonce], octets[(nonce + tag)..], octets.Slice(nonce, tag), plain);
        return XElement.Parse(Encoding.UTF8.GetString(plain));
    }
}

/// <summary>Opens what <see cref="KeySeal"/> sealed. Made by the framework from the type's name in the sealed element.</summary>
public sealed class KeyUnseal(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) => services.GetRequiredService<KeySeal>().Open(encryptedElement);
}
