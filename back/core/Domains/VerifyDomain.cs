using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Aliases;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Domains;

/// <summary>Marks a domain as its account's own, so that mail is taken for it.</summary>
public sealed class VerifyDomain(IDbContextFactory<SmtpyContext> contexts, TimeProvider time)
{
    /// <param name="force">True: the operator vouches for it. What DNS says is for <see cref="CheckDomain"/>.</param>
    public Task<Outcome<Domain>> RunAsync(string name, bool force, CancellationToken cancellationToken) =>
        contexts.ChangeAsync<Domain>(context => VerifyAsync(context, name, force, cancellationToken), cancellationToken);

    private async Task<Outcome<Domain>> VerifyAsync(SmtpyContext context, string name, bool force, CancellationToken cancellationToken)
    {
        if (await DomainLookup.FindAsync(context, name, cancellationToken) is not { } domain)
        {
            return DomainLookup.Missing(name);
        }

        if (domain.VerifiedAt is not null)
        {
            return domain;
        }

        if (!force)
        {
            return Problem.NotPossible($"{domain.Name} is not verified; take the operator's word for it with: smtpy domain verify {domain.Name} --force");
        }

        domain.VerifiedAt = domain.UpdatedAt = time.GetUtcNow();
        await context.SaveChangesAsync(cancellationToken);
        return domain;
    }
}

/// <summary>Finds domains by what people type.</summary>
internal static class DomainLookup
{
    public static Task<Domain?> FindAsync(SmtpyContext context, string name, CancellationToken cancellationToken)
    {
        var ascii = AddressSyntax.TryDomain(name, out var known) ? known : null;
        return context.Domains.Include(d => d.CatchAllRecipients).FirstOrDefaultAsync(d => d.Name == ascii, cancellationToken);
    }

    public static Problem Missing(string name) => Problem.NotFound($"There is no domain {name}; add it first: smtpy domain add {name}");
}
