using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Domains;
using Smtpy.Core.Recipients;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Aliases;

/// <summary>Adds an alias on an existing domain; recipients that the account does not have yet are added with it.</summary>
public sealed class AddAlias(IDbContextFactory<SmtpyContext> contexts, TimeProvider time)
{
    public async Task<Outcome<Alias>> RunAsync(
        string address, IReadOnlyCollection<string> recipients, string? description, CancellationToken cancellationToken)
    {
        if (!AddressSyntax.TryParse(address, out var localPart, out var name))
        {
            return Problem.Invalid($"'{address}' is not an e-mail address.");
        }

        if (localPart == "*")
        {
            return Problem.Invalid($"'{address}' would be one alias called \"*\"; a catch-all is a property of the domain: smtpy domain catch-all {name} --to …");
        }

        return await contexts.ChangeAsync<Alias>(
            context => AddAsync(context, localPart.ToLowerInvariant(), name, recipients, description, cancellationToken), cancellationToken);
    }

    private async Task<Outcome<Alias>> AddAsync(
        SmtpyContext context, string local, string name, IReadOnlyCollection<string> recipients, string? description,
        CancellationToken cancellationToken)
    {
        if (await DomainLookup.FindAsync(context, name, cancellationToken) is not { } domain)
        {
            return DomainLookup.Missing(name);
        }

        var full = local + "@" + name;
        if (await context.Aliases.Where(a => a.Address == full).Select(a => new { a.DeletedAt }).FirstOrDefaultAsync(cancellationToken) is { } known)
        {
            return Problem.Conflict(known.DeletedAt is null
                ? $"The alias {full} exists already."
                : $"The alias {full} was deleted; take it back with: smtpy alias restore {full}");
        }

        var found = await new RecipientBook(context, time).TakeAsync(domain.AccountId, recipients, cancellationToken);
        if (!found.Succeeded)
        {
            return found.Problem;
        }

        var alias = Alias.On(domain, local, description, found.Value, time.GetUtcNow());
        context.Aliases.Add(alias);
        await context.SaveChangesAsync(cancellationToken);
        return alias;
    }
}
