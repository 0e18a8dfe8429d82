namespace Smtpy.Mail.Dkim;

/// <summary>How octets are brought into the form that is hashed (RFC 6376 section 3.4).</summary>
public enum Canonicalization
{
    Simple = 0,
    Relaxed = 1,
}

/// <summary>One hash over a message's body. Always SHA-256: nothing else may pass (RFC 8301 section 3.1).</summary>
/// <param name="Limit">Octets of the canonical body that count (the l= tag); all of them when null.</param>
public readonly record struct BodyHashKind(Canonicalization Canonicalization, long? Limit = null)
{
    /// <summary>What <see cref="DkimSigner"/> and the ARC sealer sign.</summary>
    public static BodyHashKind Signing => new(Canonicalization.Relaxed);
}
