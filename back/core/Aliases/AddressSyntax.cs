using System.Diagnostics.CodeAnalysis;
using Smtpy.Mail.Addresses;

namespace Smtpy.Core.Aliases;

/// <summary>
/// The addresses core accepts from people: a dot-string local part (RFC 5321 section 4.1.2; UTF-8 as of RFC 6531) at a domain
/// name. Quoted local parts and address literals are no addresses of aliases or of mailboxes.
/// </summary>
internal static class AddressSyntax
{
    public static bool TryParse(string? text, [NotNullWhen(true)] out string? localPart, [NotNullWhen(true)] out string? domain)
    {
        (localPart, domain) = (null, null);
        if (!EmailAddress.TryParse(WithoutFinalDot(text), out var address) || address.Address[0] == '"')
        {
            return false;
        }

        (localPart, domain) = (address.LocalPart, address.Domain);
        return true;
    }

    /// <summary>The A-label form in lower case, without a final dot (RFC 5890).</summary>
    public static bool TryDomain(string? name, [NotNullWhen(true)] out string? ascii)
    {
        ascii = null;
        return WithoutFinalDot(name) is { } relative && DomainName.TryNormalize(relative, out ascii);
    }

    /// <summary>The form a recipient is stored in: local part as given, domain normalised; null where it is no address.</summary>
    public static string? Normalise(string? text) => TryParse(text, out var localPart, out var domain) ? localPart + "@" + domain : null;

    /// <summary>People paste names from DNS tools, which write them with the root's dot.</summary>
    private static string? WithoutFinalDot(string? name) => name is [.., '.'] ? name[..^1] : name;
}
