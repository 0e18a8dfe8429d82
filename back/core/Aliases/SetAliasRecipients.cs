using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Recipients;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Aliases;

/// <summary>Says which of the account's recipients get an alias's mail; none: the domain's default recipient.</summary>
public sealed class SetAliasRecipients(IDbContextFactory<SmtpyContext> contexts, TimeProvider time)
{
    public Task<Outcome<Alias>> RunAsync(
        AliasSelector selector, IReadOnlyCollection<Guid> recipients, CancellationToken cancellationToken) =>
        SetAsync(selector, (context, alias) => RecipientBook.SelectAsync(context, alias.AccountId, recipients, cancellationToken), cancellationToken);

    /// <param name="emails">Addresses; unknown ones are added, as the operator vouches for them.</param>
    public Task<Outcome<Alias>> RunAsync(
        AliasSelector selector, IReadOnlyCollection<string> emails, CancellationToken cancellationToken) =>
        SetAsync(selector, (context, alias) => new RecipientBook(context, time).TakeAsync(alias.AccountId, emails, cancellationToken), cancellationToken);

    private Task<Outcome<Alias>> SetAsync(
        AliasSelector selector, Func<SmtpyContext, Alias, Task<Outcome<IReadOnlyList<Recipient>>>> find, CancellationToken cancellationToken) =>
        contexts.ChangeAsync<Alias>(
            async context =>
            {
                if (await selector.FindAsync(context, deleted: null, cancellationToken) is not { } alias)
                {
                    return selector.Missing();
                }

                var found = await find(context, alias);
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
