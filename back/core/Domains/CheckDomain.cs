using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;
using Smtpy.Mail.Dns;

namespace Smtpy.Core.Domains;

/// <summary>
/// Asks DNS about a domain again: verifies one that was not, and notes whether its mail comes here. A verified domain stays so:
/// a resolver that fails for a moment must not stop mail.
/// </summary>
public sealed class CheckDomain(IDbContextFactory<SmtpyContext> contexts, OwnershipProof proof, TimeProvider time)
{
    public async Task<Outcome<DomainCheck>> RunAsync(DomainSelector selector, CancellationToken cancellationToken)
    {
        Domain? known;
        await using (var context = await contexts.CreateDbContextAsync(cancellationToken))
        {
            known = await selector.FindAsync(context, cancellationToken);
        }

        if (known is null)
        {
            return selector.Missing();
        }

        // No transaction waits for DNS.
        var owner = await proof.AskAsync(known.AccountId, known.Name, cancellationToken);
        var exchanger = await proof.IsExchangerAsync(known.Name, cancellationToken);
        var outcome = await contexts.ChangeAsync<Domain>(
            async context =>
            {
                if (await selector.FindAsync(context, cancellationToken) is not { } domain)
                {
                    return selector.Missing();
                }

                var now = time.GetUtcNow();
                domain.VerifiedAt ??= owner == DnsStatus.Found ? now : null;
                domain.ExchangerSeenAt = exchanger ? now : null;
                await context.SaveChangesAsync(cancellationToken);
                return domain;
            },
            cancellationToken);
        return outcome.Succeeded
            ? new DomainCheck(outcome.Value, owner, proof.Record(known.AccountId, known.Name))
            : outcome.Problem;
    }
}

/// <param name="Proof">What DNS said about the proof of ownership just now.</param>
/// <param name="Record">The TXT record that proves it.</param>
public sealed record DomainCheck(Domain Domain, DnsStatus Proof, string Record);
