using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Accounts;
using Smtpy.Core.Aliases;
using Smtpy.Core.Contacts;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Domains;

/// <summary>Adds a domain to an account. Mail for it is taken once it is verified.</summary>
public sealed class AddDomain(IDbContextFactory<SmtpyContext> contexts, TimeProvider time)
{
    /// <param name="name">A-label or U-label.</param>
    /// <param name="ownerEmail">The account it belongs to; null for the first administrator's.</param>
    public async Task<Outcome<Domain>> RunAsync(string name, string? ownerEmail, CancellationToken cancellationToken)
    {
        if (!AddressSyntax.TryDomain(name, out var ascii) || !ascii.Contains('.', StringComparison.Ordinal))
        {
            return Problem.Invalid($"'{name}' is not a domain name such as example.org.");
        }

        return await contexts.ChangeAsync<Domain>(context => AddAsync(context, ascii, ownerEmail, cancellationToken), cancellationToken);
    }

    private async Task<Outcome<Domain>> AddAsync(SmtpyContext context, string ascii, string? ownerEmail, CancellationToken cancellationToken)
    {
        var owner = await FindOwnerAsync(context, ownerEmail, cancellationToken);
        if (owner is null)
        {
            return ownerEmail is null
                ? Problem.NotFound("There is no administrator to own the domain; add one first: smtpy user add EMAIL --admin")
                : Problem.NotFound($"There is no account {ownerEmail}; add it first: smtpy user add {ownerEmail}");
        }

        if (await context.Domains.AnyAsync(d => d.Name == ascii, cancellationToken))
        {
            return Problem.Conflict($"The domain {ascii} exists already.");
        }

        // Mail that was under way when it was deleted may have brought some since.
        await StaleContacts.RemoveOfDomainAsync(context, ascii, cancellationToken);
        var now = time.GetUtcNow();
        var domain = new Domain { Name = ascii, AccountId = owner.Id, Account = owner, CreatedAt = now, UpdatedAt = now };
        context.Domains.Add(domain);
        await context.SaveChangesAsync(cancellationToken);
        return domain;
    }

    private static Task<Account?> FindOwnerAsync(SmtpyContext context, string? email, CancellationToken cancellationToken)
    {
        if (email is null)
        {
            return context.Accounts.Where(a => a.IsAdmin).OrderBy(a => a.CreatedAt).ThenBy(a => a.Email).FirstOrDefaultAsync(cancellationToken);
        }

        var address = AddressSyntax.Normalise(email)?.ToLowerInvariant();
        return context.Accounts.FirstOrDefaultAsync(a => a.Email == address, cancellationToken);
    }
}
