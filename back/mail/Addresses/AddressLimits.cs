namespace Smtpy.Mail.Addresses;

/// <summary>Octet limits on addresses, each from its RFC.</summary>
public static class AddressLimits
{
    /// <summary>RFC 5321 section 4.5.3.1.1, quotes included.</summary>
    public const int LocalPart = 64;

    /// <summary>RFC 5321 section 4.5.3.1.2.</summary>
    public const int Domain = 255;

    /// <summary>RFC 5321 section 4.5.3.1.3, angle brackets included.</summary>
    public const int Path = 256;

    /// <summary>RFC 1035 section 2.3.4.</summary>
    public const int DomainLabel = 63;
}
