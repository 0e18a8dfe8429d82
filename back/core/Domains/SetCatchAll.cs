using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Recipients;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Domains;

/// <summary>Says where mail to a domain's addresses without an alias goes.</summary>
public sealed class SetCatchAll(IDbContextFactory<SmtpyContext> contexts, TimeProvider time)
{
    /// <param name="recipients">E-mail addresses; none switches the catch-all off.</param>
    public Task<Outcome<Domain>> RunAsync(string name, IReadOnlyCollection<string> recipients, CancellationToken cancellationToken) =>
        contexts.ChangeAsync<Domain>(context => SetAsync(context, name, recipients, cancellationToken), cancellationToken);

    private async Task<Outcome<Domain>> SetAsync(
        SmtpyContext context, string name, IReadOnlyCollection<string> recipients, CancellationToken cancellationToken)
    {
        if (await DomainLookup.FindAsync(context, name, cancellationToken) is not { } domain)
        {
            return DomainLookup.Missing(name);
        }

        var found = await new RecipientBook(context, time).TakeAsync(domain.AccountId, recipients, cancellationToken);
        if (!found.Succeeded)
        {
            return found.Problem;
        }

        domain.CatchAll = recipients.Count > 0;
        domain.CatchAllRecipients.Clear();
        foreach (var recipient in found.Value)
        {
            domain.CatchAllRecipients.Add(recipient);
        }

        domain.UpdatedAt = time.GetUtcNow();
        await context.SaveChangesAsync(cancellationToken);
        return domain;
    }
}
