using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Aliases;

/// <summary>
/// Deletes an alias: later mail is refused, even where the domain has a catch-all, and nobody can take the address. What was
/// accepted before is still delivered. It can be restored.
/// </summary>
public sealed class DeleteAlias(IDbContextFactory<SmtpyContext> contexts, TimeProvider time)
{
    public Task<Outcome<Alias>> RunAsync(AliasSelector selector, CancellationToken cancellationToken) =>
        contexts.ChangeAsync<Alias>(
            async context =>
            {
                if (await selector.FindAsync(context, deleted: false, cancellationToken) is not { } alias)
                {
                    return selector.Missing();
                }

                alias.Enabled = false;
                alias.DeletedAt = alias.UpdatedAt = time.GetUtcNow();
                await context.SaveChangesAsync(cancellationToken);
                return alias;
            },
            cancellationToken);
}
