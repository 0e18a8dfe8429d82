using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Contacts;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Aliases;

/// <summary>Removes an alias and all that is known of it: the address is free again, and a catch-all takes its mail.</summary>
public sealed class ForgetAlias(IDbContextFactory<SmtpyContext> contexts)
{
    public Task<Outcome<Alias>> RunAsync(AliasSelector selector, CancellationToken cancellationToken) =>
        contexts.ChangeAsync<Alias>(
            async context =>
            {
                if (await selector.FindAsync(context, deleted: null, cancellationToken) is not { } alias)
                {
                    return selector.Missing();
                }

                await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
                await StaleContacts.RemoveOfAliasAsync(context, alias.Address, cancellationToken);
                context.Aliases.Remove(alias);
                await context.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return alias;
            },
            cancellationToken);
}
