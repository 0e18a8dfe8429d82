using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Domains;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Aliases;

/// <summary>Lists aliases that are not deleted with their recipients, by address.</summary>
public sealed class ListAliases(IDbContextFactory<SmtpyContext> contexts)
{
    /// <param name="domain">Only those of this domain; null for all.</param>
    public async Task<Outcome<IReadOnlyList<Alias>>> RunAsync(string? domain, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var aliases = context.Aliases.AsNoTracking().Where(a => a.DeletedAt == null);
        if (domain is not null)
        {
            if (await DomainLookup.FindAsync(context, domain, cancellationToken) is not { } found)
            {
                return DomainLookup.Missing(domain);
            }

            aliases = aliases.Where(a => a.DomainId == found.Id);
        }

        return await aliases.Include(a => a.Recipients.OrderBy(r => r.Email)).OrderBy(a => a.Address).ToListAsync(cancellationToken);
    }
}
