using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Contacts;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Domains;

/// <summary>
/// Removes a domain with all its aliases and their contacts: whoever has it next shall not meet them. What was accepted before is still
/// delivered, unless the domain is another account's by then.
/// </summary>
public sealed class DeleteDomain(IDbContextFactory<SmtpyContext> contexts)
{
    public Task<Outcome<Domain>> RunAsync(DomainSelector selector, CancellationToken cancellationToken) =>
        contexts.ChangeAsync<Domain>(
            async context =>
            {
                if (await selector.FindAsync(context, cancellationToken) is not { } domain)
                {
                    return selector.Missing();
                }

                await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
                await StaleContacts.RemoveOfDomainAsync(context, domain.Name, cancellationToken);
                context.Domains.Remove(domain);
                await context.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return domain;
            },
            cancellationToken);
}
