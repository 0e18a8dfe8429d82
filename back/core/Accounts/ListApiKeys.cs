using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Accounts;

/// <summary>Lists all keys with their accounts, oldest first.</summary>
public sealed class ListApiKeys(IDbContextFactory<SmtpyContext> contexts)
{
    public async Task<IReadOnlyList<ApiKey>> RunAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.ApiKeys.AsNoTracking().Include(k => k.Account).OrderBy(k => k.CreatedAt).ThenBy(k => k.Prefix)
            .ToListAsync(cancellationToken);
    }
}
