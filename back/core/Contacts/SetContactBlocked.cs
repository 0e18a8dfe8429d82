using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Contacts;

/// <summary>Refuses mail from a contact to its alias, or takes it again.</summary>
public sealed class SetContactBlocked(IDbContextFactory<SmtpyContext> contexts)
{
    public Task<Outcome<Contact>> RunAsync(ContactSelector selector, bool blocked, CancellationToken cancellationToken) =>
        contexts.ChangeAsync<Contact>(
            async context =>
            {
                if (await selector.FindAsync(context, cancellationToken) is not { } contact)
                {
                    return selector.Missing();
                }

                contact.Blocked = blocked;
                await context.SaveChangesAsync(cancellationToken);
                return contact;
            },
            cancellationToken);
}
