using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;

namespace Smtpy.Core.Coordination;

/// <summary>
/// Seals data-protection keys at rest with a key made of SECRET_KEY (<see cref="SealKey"/>): a copy of Redis or of the folder alone
/// opens nothing. With another SECRET_KEY old keys cannot be read, and new ones are made.
/// </summary>
public sealed class KeySeal(ReadOnlyMemory<byte> secret) : IXmlEncryptor
{
    private static readonly XName ElementName = "sealed";
    private readonly SealKey _key = new(secret, "smtpy data protection keys");

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        ArgumentNullException.ThrowIfNull(plaintextElement);
        var octets = _key.Encrypt(Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting)));
        return new EncryptedXmlInfo(new XElement(ElementName, Convert.ToBase64String(octets)), typeof(KeyUnseal));
    }

    /// <exception cref="CryptographicException">Sealed with another secret, or changed since.</exception>
    internal XElement Open(XElement element) =>
        _key.Decrypt(Convert.FromBase64String(element.Value)) is { } plain
            ? XElement.Parse(Encoding.UTF8.GetString(plain))
            : throw new CryptographicException("A key is sealed with another SECRET_KEY, or was changed.");
}

/// <summary>Opens what <see cref="KeySeal"/> sealed. Made by the framework from the type's name in the sealed element.</summary>
public sealed class KeyUnseal(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement) => services.GetRequiredService<KeySeal>().Open(encryptedElement);
}
