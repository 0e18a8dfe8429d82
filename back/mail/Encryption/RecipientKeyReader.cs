namespace Smtpy.Mail.Encryption;

/// <summary>
/// Reads what an owner uploaded as a recipient's key: an OpenPGP public key (binary or armoured) or an X.509 certificate
/// (DER or PEM). Any octets may be given; nothing is thrown for their content.
/// </summary>
public static class RecipientKeyReader
{
    /// <param name="uploaded">The whole file, or <see cref="RecipientKey.Octets"/>.</param>
    /// <param name="now">Against which dates are compared.</param>
    public static RecipientKeyResult Read(ReadOnlySpan<byte> uploaded, DateTimeOffset now, EncryptionOptions? options = null)
    {
        options ??= new EncryptionOptions();
        if (uploaded.Length > options.MaxKeyOctets)
        {
            return RecipientKeyResult.Unusable(
                KeyFault.TooLarge, $"The file is larger than {options.MaxKeyOctets / 1024} KiB, which no key should be.");
        }

        var armor = new KeyArmor(uploaded);
        if (armor.IsArmored)
        {
            return ReadArmored(armor, now, options);
        }

        return uploaded switch
        {
            [0x30, ..] when IsPrivateDer(uploaded) => PrivateKey(),
            [0x30, ..] => CertificateReader.Read([uploaded.ToArray()], now, options),
            [>= 0x80, ..] => OpenPgpKeyReader.Read(uploaded.ToArray(), now, options),
            _ => NoKey(),
        };
    }

    internal static RecipientKeyResult NoKey() => RecipientKeyResult.Unusable(
        KeyFault.NotAKey, "The file is neither an OpenPGP public key nor an X.509 certificate, or it is damaged.");

    internal static RecipientKeyResult PrivateKey() => RecipientKeyResult.Unusable(
        KeyFault.PrivateKey, "The file holds a private key, which must stay with its owner: export the public key or the certificate alone.");

    private static RecipientKeyResult ReadArmored(KeyArmor armor, DateTimeOffset now, EncryptionOptions options)
    {
        if (armor.HoldsPrivateKey)
        {
            return PrivateKey();
        }

        var keys = armor.Decode("PGP PUBLIC KEY BLOCK"u8, limit: 2);
        var certificates = armor.Decode("CERTIFICATE"u8, CertificateReader.MaxCertificates + 1);
        return (keys, certificates) switch
        {
            ([{ } key], []) => OpenPgpKeyReader.Read(key, now, options),
            ([], [_, ..]) when certificates.TrueForAll(static certificate => certificate is not null) =>
                CertificateReader.Read(certificates!, now, options),
            ([_, _, ..], _) or ([_], [_, ..]) => SeveralKeys(),
            _ => NoKey(),
        };
    }

    internal static RecipientKeyResult SeveralKeys() => RecipientKeyResult.Unusable(
        KeyFault.SeveralKeys, "The file holds several keys: export the one that this recipient reads mail with.");

    // A sequence that begins with a small integer is its version: PKCS#12 (3), PKCS#8 and PKCS#1 (0), SEC 1 (1). A certificate
    // begins with another sequence.
    private static bool IsPrivateDer(ReadOnlySpan<byte> der)
    {
        var content = der.Length > 1 && der[1] >= 0x80 ? 2 + (der[1] & 0x7F) : 2;
        return content + 1 < der.Length && der[content] == 0x02 && der[content + 1] == 0x01;
    }
}
