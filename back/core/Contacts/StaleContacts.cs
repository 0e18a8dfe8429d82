using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Contacts;

/// <summary>
/// Contacts of aliases that are gone for good. They have no key to an alias, because addresses that only a catch-all takes have contacts
/// too. Called in the transaction that raises the routing version, so that nobody remembers them longer.
/// </summary>
internal static class StaleContacts
{
    public static Task RemoveOfDomainAsync(SmtpyContext context, string domain, CancellationToken cancellationToken)
    {
        var suffix = "@" + domain;
        return context.Contacts.Where(c => c.AliasAddress.EndsWith(suffix)).ExecuteDeleteAsync(cancellationToken);
    }

    public static Task RemoveOfAliasAsync(SmtpyContext context, string address, CancellationToken cancellationToken) =>
        context.Contacts.Where(c => c.AliasAddress == address).ExecuteDeleteAsync(cancellationToken);
}
