namespace Smtpy.Mail.TlsPolicy;

/// <summary>How one outgoing session's TLS ended, in the words of TLS reporting (RFC 8460 section 4.3).</summary>
public enum TlsResult
{
    Success = 0,

    /// <summary>STARTTLS was not offered, or refused.</summary>
    StarttlsNotSupported = 1,

    CertificateHostMismatch = 2,

    CertificateExpired = 3,

    /// <summary>No chain from the certificate to an authority that is trusted.</summary>
    CertificateNotTrusted = 4,

    /// <summary>Anything else, such as a handshake that broke off, or a host that the policy does not name.</summary>
    ValidationFailure = 5,

    /// <summary>TLSA records are there, but none that can be used.</summary>
    TlsaInvalid = 6,

    /// <summary>The resolver gave no validated answer to the question for TLSA records.</summary>
    DnssecInvalid = 7,

    /// <summary>A local rule asks for DANE where there is no TLSA record; there is no such rule here, so it is never counted.</summary>
    DaneRequired = 8,

    StsPolicyFetchError = 9,

    StsPolicyInvalid = 10,

    /// <summary>The certificate of the policy's web server is not valid.</summary>
    StsWebpkiInvalid = 11,
}

/// <summary>Names of <see cref="TlsResult"/> as they stand in reports.</summary>
public static class TlsResultNames
{
    private static readonly string[] Names =
    [
        "success", "starttls-not-supported", "certificate-host-mismatch", "certificate-expired", "certificate-not-trusted",
        "validation-failure", "tlsa-invalid", "dnssec-invalid", "dane-required", "sts-policy-fetch-error", "sts-policy-invalid",
        "sts-webpki-invalid",
    ];

    /// <summary>Such as "certificate-expired" (RFC 8460 section 4.3).</summary>
    public static string Name(this TlsResult result) => Names[(int)result];
}
