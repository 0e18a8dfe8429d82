using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Aliases;

/// <summary>Deletes an alias. What was accepted for it before is still delivered.</summary>
public sealed class DeleteAlias(IDbContextFactory<SmtpyContext> contexts)
{
    public async Task<Outcome<Alias>> RunAsync(string address, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await AliasLookupByAddress.FindAsync(context, address, cancellationToken) is not { } alias)
        {
            return AliasLookupByAddress.Missing(address);
        }

        context.Aliases.Remove(alias);
        await context.SaveChangesAsync(cancellationToken);
        return alias;
    }
}
