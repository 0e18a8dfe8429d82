using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Recipients;

/// <summary>Shows an account the mailboxes its aliases can forward to, with how many aliases each has.</summary>
public sealed class ListRecipients(IDbContextFactory<SmtpyContext> contexts)
{
    /// <param name="accountId">Only this account's; null for the operator, who sees all.</param>
    /// <param name="verified">Only verified ones, or only others; null for all.</param>
    public async Task<IReadOnlyList<OwnedRecipient>> RunAsync(Guid? accountId, bool? verified, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Recipients.AsNoTracking().Where(r => accountId == null || r.AccountId == accountId)
            .Where(r => verified == null || r.VerifiedAt.HasValue == verified)
            .OrderByDescending(r => r.CreatedAt).ThenBy(r => r.Email)
            .Select(r => new OwnedRecipient(r, context.Aliases.Count(a => a.DeletedAt == null && a.Recipients.Any(x => x.Id == r.Id))))
            .ToListAsync(cancellationToken);
    }

    public async Task<Outcome<Recipient>> FindAsync(RecipientSelector selector, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await selector.FindAsync(context, cancellationToken);
    }
}

/// <param name="Aliases">How many forward to it, without the deleted ones.</param>
public sealed record OwnedRecipient(Recipient Recipient, int Aliases);
