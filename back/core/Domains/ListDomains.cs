using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Domains;

/// <summary>Lists all domains by name.</summary>
public sealed class ListDomains(IDbContextFactory<SmtpyContext> contexts)
{
    public async Task<IReadOnlyList<DomainSummary>> RunAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Domains.OrderBy(d => d.Name)
            .Select(d => new DomainSummary(
                d.Name, d.Account!.Email, d.VerifiedAt, d.CatchAll, context.Aliases.Count(a => a.DomainId == d.Id)))
            .ToListAsync(cancellationToken);
    }
}

/// <param name="Owner">E-mail of the account it belongs to.</param>
/// <param name="VerifiedAt">Null: no mail is taken for it yet.</param>
public sealed record DomainSummary(string Name, string Owner, DateTimeOffset? VerifiedAt, bool CatchAll, int Aliases);
