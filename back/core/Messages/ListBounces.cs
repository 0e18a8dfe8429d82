using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;

namespace Smtpy.Core.Messages;

/// <summary>What came back about messages that had left, newest first.</summary>
public sealed class ListBounces(IDbContextFactory<SmtpyContext> contexts)
{
    /// <param name="accountId">Only this account's; null for the operator, who sees all.</param>
    public async Task<Page<BounceRow>> RunAsync(Guid? accountId, int page, int pageSize, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var bounces = context.Bounces.AsNoTracking();
        bounces = accountId is null ? bounces : bounces.Where(b => b.AccountId == accountId);
        return await bounces.OrderByDescending(b => b.At).ThenByDescending(b => b.Id).PageAsync(page, pageSize, cancellationToken);
    }
}
