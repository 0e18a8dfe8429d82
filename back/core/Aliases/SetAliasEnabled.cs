using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Aliases;

/// <summary>Switches an alias on or off.</summary>
public sealed class SetAliasEnabled(IDbContextFactory<SmtpyContext> contexts, TimeProvider time)
{
    /// <param name="behaviour">What senders see while it is off; null leaves it as it was.</param>
    public Task<Outcome<Alias>> RunAsync(
        AliasSelector selector, bool enabled, DisabledBehaviour? behaviour, CancellationToken cancellationToken) =>
        contexts.ChangeAsync<Alias>(
            async context =>
            {
                if (await selector.FindAsync(context, deleted: null, cancellationToken) is not { } alias)
                {
                    return selector.Missing();
                }

                if (alias.DeletedAt is not null)
                {
                    return Problem.NotPossible("You need to restore this alias before you can activate it");
                }

                alias.Enabled = enabled;
                alias.DisabledBehaviour = behaviour ?? alias.DisabledBehaviour;
                alias.UpdatedAt = time.GetUtcNow();
                await context.SaveChangesAsync(cancellationToken);
                return alias;
            },
            cancellationToken);
}
