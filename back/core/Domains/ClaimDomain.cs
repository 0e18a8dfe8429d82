using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Aliases;
using Smtpy.Core.Contacts;
using Smtpy.Core.Storage;
using Smtpy.Mail.Dns;

namespace Smtpy.Core.Domains;

/// <summary>
/// Adds a domain to an account that proves by DNS to own it. Nothing is kept of an attempt without proof: else anybody could
/// keep others from using their own names.
/// </summary>
public sealed class ClaimDomain(IDbContextFactory<SmtpyContext> contexts, OwnershipProof proof, EnsureDomainKeys ensure, TimeProvider time)
{
    private const string Field = "domain";

    /// <param name="name">A-label or U-label.</param>
    public async Task<Outcome<Domain>> RunAsync(Guid accountId, string? name, CancellationToken cancellationToken)
    {
        if (!AddressSyntax.TryDomain(name, out var ascii) || !ascii.Contains('.', StringComparison.Ordinal))
        {
            return Problem.Invalid(string.IsNullOrEmpty(name) ? "The domain field is required." : "The domain must be a name such as example.org.", Field);
        }

        await using (var context = await contexts.CreateDbContextAsync(cancellationToken))
        {
            if (await context.Domains.AnyAsync(d => d.Name == ascii && d.AccountId == accountId, cancellationToken))
            {
                return Taken;
            }
        }

        // The proof comes before the question whether another account has the domain: who cannot show it learns nothing.
        switch (await proof.AskAsync(accountId, ascii, cancellationToken))
        {
            case DnsStatus.TemporaryFailure:
                return Problem.NotPossible($"The DNS of {ascii} does not answer; try again later.");
            case DnsStatus.NotFound:
                return Problem.NotFound(
                    $"Verification record not found. Please add the following TXT record to your domain: {proof.Record(accountId, ascii)}");
            default:
                var seen = await proof.IsExchangerAsync(ascii, cancellationToken);
                var added = await contexts.ChangeAsync<Domain>(context => AddAsync(context, accountId, ascii, seen, cancellationToken), cancellationToken);
                if (added.Succeeded)
                {
                    await ensure.RunAsync(ascii, cancellationToken);
                }

                return added;
        }
    }

    private static Problem Taken => Problem.Conflict("The domain has already been taken.", Field);

    private async Task<Outcome<Domain>> AddAsync(
        SmtpyContext context, Guid accountId, string name, bool isExchanger, CancellationToken cancellationToken)
    {
        if (await context.Domains.AnyAsync(d => d.Name == name, cancellationToken))
        {
            return Taken;
        }

        // As with AddDomain.
        await StaleContacts.RemoveOfDomainAsync(context, name, cancellationToken);
        var now = time.GetUtcNow();
        var domain = new Domain
        {
            Name = name,
            AccountId = accountId,
            VerifiedAt = now,
            ExchangerSeenAt = isExchanger ? now : null,
            CreatedAt = now,
            UpdatedAt = now,
        };
        context.Domains.Add(domain);
        await context.SaveChangesAsync(cancellationToken);
        return domain;
    }
}
