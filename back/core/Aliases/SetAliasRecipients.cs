using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Recipients;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Aliases;

/// <summary>Says which of the account's recipients get an alias's mail; none: the domain's default recipient.</summary>
public sealed class SetAliasRecipients(IDbContextFactory<SmtpyContext> contexts, TimeProvider time)
{
    public Task<Outcome<Alias>> RunAsync(
        AliasSelector selector, IReadOnlyCollection<Guid> recipients, CancellationToken cancellationToken) =>
        contexts.ChangeAsync<Alias>(
            async context =>
            {
                if (await selector.FindAsync(context, deleted: null, cancellationToken) is not { } alias)
                {
                    return selector.Missing();
                }

                var found = await RecipientBook.SelectAsync(context, alias.AccountId, recipients, cancellationToken);
                if (!found.Succeeded)
                {
                    return found.Problem;
                }

                alias.Recipients.Clear();
                foreach (var recipient in found.Value)
                {
                    alias.Recipients.Add(recipient);
                }

                alias.UpdatedAt = time.GetUtcNow();
                await context.SaveChangesAsync(cancellationToken);
                return alias;
            },
            cancellationToken);
}
