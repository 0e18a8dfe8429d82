using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Domains;

/// <summary>Shows an account its domains, with how many aliases each has.</summary>
public sealed class OwnDomains(IDbContextFactory<SmtpyContext> contexts)
{
    /// <summary>The account's domains, newest first.</summary>
    public async Task<IReadOnlyList<OwnedDomain>> ListAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await Select(context, context.Domains.Where(d => d.AccountId == accountId).OrderByDescending(d => d.CreatedAt).ThenBy(d => d.Name))
            .ToListAsync(cancellationToken);
    }

    public async Task<Outcome<OwnedDomain>> FindAsync(Guid accountId, Guid id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await Select(context, context.Domains.Where(d => d.AccountId == accountId && d.Id == id)).FirstOrDefaultAsync(cancellationToken)
            is { } found ? found : new DomainSelector(accountId, id).Missing();
    }

    private static IQueryable<OwnedDomain> Select(SmtpyContext context, IQueryable<Domain> domains) =>
        domains.AsNoTracking().Include(static d => d.DefaultRecipient)
            .Select(d => new OwnedDomain(d, d.DefaultRecipient, context.Aliases.Count(a => a.DomainId == d.Id && a.DeletedAt == null)));
}

/// <param name="Aliases">How many it has, without the deleted ones.</param>
public sealed record OwnedDomain(Domain Domain, Recipients.Recipient? DefaultRecipient, int Aliases);
