using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Contacts;

/// <summary>Forgets a contact; mail to the reverse address is refused. Who writes to the alias again becomes a contact again.</summary>
public sealed class DeleteContact(IDbContextFactory<SmtpyContext> contexts)
{
    public Task<Outcome<Contact>> RunAsync(ContactSelector selector, CancellationToken cancellationToken) => contexts.ChangeAsync<Contact>(
        async context =>
        {
            if (await selector.FindAsync(context, cancellationToken) is not { } contact)
            {
                return selector.Missing();
            }

            context.Contacts.Remove(contact);
            await context.SaveChangesAsync(cancellationToken);
            return contact;
        },
        cancellationToken);
}
