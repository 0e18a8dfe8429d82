namespace Smtpy.Mail.Dkim;

/// <summary>Limits of what is verified, for DKIM and ARC alike.</summary>
public sealed record DkimVerifierOptions
{
    /// <summary>
    /// DKIM signatures looked at, from the top; the others are passed over. 10: more than forwarded list mail carries, and each may cost a
    /// question to the resolver.
    /// </summary>
    public int MaxSignatures { get; init; } = 10;

    /// <summary>Octets of one signature field; a longer one is a permerror. 64 KiB: a hundred times the usual.</summary>
    public int MaxFieldOctets { get; init; } = 64 * 1024;

    /// <summary>Smallest RSA key that may pass. 1024: RFC 8301 section 3.2.</summary>
    public int MinRsaBits { get; init; } = 1024;

    /// <summary>Largest RSA key that is tried. 8192: four times what is usual, sixteen times the work.</summary>
    public int MaxRsaBits { get; init; } = 8192;

    /// <summary>Key records tried where a name has several, which RFC 6376 section 3.6.2.2 leaves open. 3: a rotation gone wrong.</summary>
    public int MaxKeyRecords { get; init; } = 3;

    /// <summary>How far a signature's time may lie in the future. 1 day: clocks set to the wrong time zone.</summary>
    public TimeSpan MaxFuture { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Keys kept ready for use, by their record's text; when full, all go. 2,000: a few MiB.</summary>
    public int CachedKeys { get; init; } = 2000;
}
