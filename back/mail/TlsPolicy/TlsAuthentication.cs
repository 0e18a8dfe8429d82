namespace Smtpy.Mail.TlsPolicy;

/// <summary>What vouches for the server of a session.</summary>
public enum TlsAuthentication
{
    /// <summary>Nothing: a clear connection, or a certificate that was not or could not be verified.</summary>
    None = 0,

    /// <summary>A certificate authority, for a host name that itself may come from unsigned DNS.</summary>
    Pkix = 1,

    /// <summary>A certificate authority, for a host name that an MTA-STS policy names (RFC 8461).</summary>
    MtaSts = 2,

    /// <summary>TLSA records (RFC 7672).</summary>
    Dane = 3,
}

/// <summary>What the message itself asks of the hop (RFC 8689).</summary>
public enum TlsDemand
{
    /// <summary>Nothing: what the destination's policies ask holds.</summary>
    ByPolicy = 0,

    /// <summary>REQUIRETLS: verified TLS to a server that passes the demand on, or no delivery (section 4.2).</summary>
    Required = 1,

    /// <summary>"TLS-Required: No": delivery matters more than the destination's policies (section 5).</summary>
    Optional = 2,
}
