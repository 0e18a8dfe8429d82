namespace Smtpy.Mail.Dkim;

/// <summary>The algorithms that may pass.</summary>
public enum SignatureAlgorithm
{
    /// <summary>RSASSA-PKCS1-v1_5 with SHA-256 (RFC 6376 section 3.3.2).</summary>
    RsaSha256 = 0,

    /// <summary>PureEdDSA over the SHA-256 hash (RFC 8463).</summary>
    Ed25519Sha256 = 1,
}

public static class SignatureAlgorithmNames
{
    /// <summary>As in a=.</summary>
    public static string Name(this SignatureAlgorithm algorithm) =>
        algorithm == SignatureAlgorithm.Ed25519Sha256 ? "ed25519-sha256" : "rsa-sha256";

    internal static bool TryParse(string name, out SignatureAlgorithm algorithm)
    {
        algorithm = name.Equals("ed25519-sha256", StringComparison.OrdinalIgnoreCase)
            ? SignatureAlgorithm.Ed25519Sha256
            : SignatureAlgorithm.RsaSha256;
        return algorithm == SignatureAlgorithm.Ed25519Sha256 || name.Equals("rsa-sha256", StringComparison.OrdinalIgnoreCase);
    }
}
