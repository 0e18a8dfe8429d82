namespace Smtpy.Core.Aliases;

/// <summary>
/// postmaster and abuse: where people complain about a domain. They must be deliverable and take mail from everybody (RFC 5321
/// section 4.5.1, RFC 2142 sections 2 and 5), whether or not there is an alias of that name.
/// </summary>
public static class RoleAddresses
{
    /// <param name="localPart">In any case.</param>
    public static bool IsRole(ReadOnlySpan<char> localPart) =>
        localPart.Equals("postmaster", StringComparison.OrdinalIgnoreCase) || localPart.Equals("abuse", StringComparison.OrdinalIgnoreCase);

    /// <param name="address">With its domain, or the bare "postmaster".</param>
    public static bool Includes(ReadOnlySpan<char> address) => address.LastIndexOf('@') is >= 0 and var at ? IsRole(address[..at]) : IsRole(address);
}
