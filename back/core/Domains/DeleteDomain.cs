using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Domains;

/// <summary>Removes a domain with all its aliases. What was accepted before is still delivered.</summary>
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

                context.Domains.Remove(domain);
                await context.SaveChangesAsync(cancellationToken);
                return domain;
            },
            cancellationToken);
}
