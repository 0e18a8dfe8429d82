using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Accounts;

/// <summary>Lists for whom there are passwords of the submission listener, by user name.</summary>
public sealed class ListSmtpPasswords(IDbContextFactory<SmtpyContext> contexts)
{
    /// <param name="accountId">Only this account's; null for the operator, who sees all.</param>
    public async Task<IReadOnlyList<SmtpCredential>> RunAsync(Guid? accountId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var credentials = context.SmtpCredentials.AsNoTracking();
        credentials = accountId is null ? credentials : credentials.Where(c => c.AccountId == accountId);
        return await credentials.OrderBy(c => c.UserName).ToListAsync(cancellationToken);
    }
}
