using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;

namespace Smtpy.Core.Messages;

/// <summary>Mail that was not taken, newest first.</summary>
public sealed class ListRefusals(IDbContextFactory<SmtpyContext> contexts)
{
    /// <param name="accountId">Only what was meant for this account; null for the operator, who sees all.</param>
    public async Task<Page<RefusalRow>> RunAsync(Guid? accountId, int page, int pageSize, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var refusals = context.Refusals.AsNoTracking();
        refusals = accountId is null ? refusals : refusals.Where(r => r.AccountId == accountId);
        return await refusals.OrderByDescending(r => r.At).ThenByDescending(r => r.Id).PageAsync(page, pageSize, cancellationToken);
    }
}
