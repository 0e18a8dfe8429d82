using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Accounts;

/// <summary>Lists all accounts by e-mail address.</summary>
public sealed class ListAccounts(IDbContextFactory<SmtpyContext> contexts)
{
    public async Task<IReadOnlyList<AccountSummary>> RunAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Accounts.OrderBy(a => a.Email)
            .Select(a => new AccountSummary(
                a.Id, a.Email, a.IsAdmin, context.Domains.Count(d => d.AccountId == a.Id),
                context.Aliases.Count(x => x.AccountId == a.Id && x.DeletedAt == null), a.CreatedAt))
            .ToListAsync(cancellationToken);
    }
}

public sealed record AccountSummary(Guid Id, string Email, bool IsAdmin, int Domains, int Aliases, DateTimeOffset CreatedAt);
