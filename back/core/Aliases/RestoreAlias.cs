using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Aliases;

/// <summary>Takes a deletion back; the alias is on again. One that is not deleted stays as it is.</summary>
public sealed class RestoreAlias(IDbContextFactory<SmtpyContext> contexts, TimeProvider time)
{
    public Task<Outcome<Alias>> RunAsync(AliasSelector selector, CancellationToken cancellationToken) =>
        contexts.ChangeAsync<Alias>(
            async context =>
            {
                if (await selector.FindAsync(context, deleted: null, cancellationToken) is not { } alias)
                {
                    return selector.Missing();
                }

                if (alias.DeletedAt is not null)
                {
                    alias.DeletedAt = null;
                    alias.Enabled = true;
                    alias.UpdatedAt = time.GetUtcNow();
                    await context.SaveChangesAsync(cancellationToken);
                }

                return alias;
            },
            cancellationToken);
}
