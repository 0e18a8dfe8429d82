using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Smtpy.Core.Coordination;

namespace Smtpy.Core.Tests.Coordination;

public sealed class SecretSealTests
{
    private static readonly byte[] Secret = "a secret of some length"u8.ToArray();
    private static readonly byte[] Context = "s1r\na.test"u8.ToArray();

    [Theory]
    [InlineData("")]
    [InlineData("a private key")]
    public void What_was_sealed_opens_with_the_same_secret_purpose_and_context(string text)
    {
        var plain = Encoding.UTF8.GetBytes(text);
        var octets = new SecretSeal(Secret, "keys").Seal(plain, Context);
        Assert.Equal(plain, new SecretSeal(Secret, "keys").TryOpen(octets, Context));
        Assert.True(octets.AsSpan().IndexOf("private"u8) < 0);
    }

    [Fact]
    public void With_another_secret_purpose_or_context_it_does_not_open()
    {
        var octets = new SecretSeal(Secret, "keys").Seal("a private key"u8, Context);
        Assert.Null(new SecretSeal("another secret of some length"u8.ToArray(), "keys").TryOpen(octets, Context));
        Assert.Null(new SecretSeal(Secret, "passwords").TryOpen(octets, Context));
        Assert.Null(new SecretSeal(Secret, "keys").TryOpen(octets, "s1r\nb.test"u8));
    }

    [Fact]
    public void Sealed_twice_the_same_octets_look_different()
    {
        var seal = new SecretSeal(Secret, "keys");
        Assert.NotEqual(seal.Seal("a private key"u8, Context), seal.Seal("a private key"u8, Context));
    }

    [Fact]
    public void Changed_in_any_octet_or_cut_anywhere_it_does_not_open()
    {
        var seal = new SecretSeal(Secret, "keys");
        var octets = seal.Seal("a private key"u8, Context);
        for (var at = 0; at < octets.Length; at++)
        {
            byte[] changed = [.. octets];
            changed[at] ^= 1;
            Assert.Null(seal.TryOpen(changed, Context));
            Assert.Null(seal.TryOpen(octets.AsSpan(0, at), Context));
        }
    }

    /// <summary>Made here step by step, as elements were before the sealing was shared: nonce, tag, cipher text, no version.</summary>
    [Fact]
    public void Elements_of_older_versions_stay_readable()
    {
        var plain = Encoding.UTF8.GetBytes("<key id=\"1\">secret</key>");
        var (nonce, tag, cipher) = (new byte[12], new byte[16], new byte[plain.Length]);
        nonce[3] = 7;
        using (var aes = new AesGcm(HKDF.DeriveKey(HashAlgorithmName.SHA256, Secret, 32, info: "smtpy data protection keys"u8.ToArray()), 16))
        {
            aes.Encrypt(nonce, plain, cipher, tag);
        }

        var element = new XElement("sealed", Convert.ToBase64String([.. nonce, .. tag, .. cipher]));
        Assert.Equal("secret", new KeySeal(Secret).Open(element).Value);
    }

    [Fact]
    public void An_element_opens_again_and_not_with_another_secret()
    {
        var element = new KeySeal(Secret).Encrypt(new XElement("key", "secret")).EncryptedElement;
        Assert.Equal("secret", new KeySeal(Secret).Open(element).Value);
        Assert.Throws<CryptographicException>(() => new KeySeal("another secret of some length"u8.ToArray()).Open(element));
    }
}
