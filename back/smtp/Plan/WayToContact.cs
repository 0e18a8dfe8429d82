using Smtpy.Core.Contacts;
using Smtpy.Mail.Addresses;

namespace Smtpy.Smtp.Plan;

/// <summary>Addresses of ours by which a contact is written to. An owner's answer to all that names the alias comes back with them.</summary>
internal static class WayToContact
{
    /// <summary>A reverse address, or the form that names a contact: it stays as it is, and an answer to it finds its way.</summary>
    /// <param name="hostname">Domain of reverse addresses where the alias's own cannot send yet.</param>
    public static bool IsOne(EmailAddress address, EmailAddress alias, string hostname)
    {
        var isOurs = address.Domain.Equals(alias.Domain, StringComparison.OrdinalIgnoreCase) || address.Domain.Equals(hostname, StringComparison.OrdinalIgnoreCase);
        return (isOurs && ReverseAddresses.LooksLikeOne(address.LocalPart.ToLowerInvariant())) || SendAddress.ContactOf(address, alias) is not null;
    }
}
