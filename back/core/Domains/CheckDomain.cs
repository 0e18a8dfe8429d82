using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Domains.Records;
using Smtpy.Core.Storage;
using Smtpy.Mail.Dns;

namespace Smtpy.Core.Domains;

/// <summary>
/// Asks DNS about a domain again: verifies one that was not, and notes whether its mail comes here and its signatures can be verified.
/// A verified domain stays so: a resolver that fails for a moment must not stop mail.
/// </summary>
public sealed class CheckDomain(
    IDbContextFactory<SmtpyContext> contexts, OwnershipProof proof, EnsureDomainKeys ensure, ExamineDomain examine, TimeProvider time)
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
        if (known.VerifiedAt is not null || owner == DnsStatus.Found)
        {
            await ensure.RunAsync(known.Name, cancellationToken);
        }

        var examined = await examine.RunAsync(known.Name, cancellationToken);
        var outcome = await contexts.ChangeAsync<Domain>(context => VerifyAsync(context, selector, owner, cancellationToken), cancellationToken);
        return !outcome.Succeeded ? outcome.Problem
            : new DomainCheck(outcome.Value, owner, proof.Record(known.AccountId, known.Name), examined.Succeeded ? examined.Value.Findings : []);
    }

    private async Task<Outcome<Domain>> VerifyAsync(
        SmtpyContext context, DomainSelector selector, DnsStatus owner, CancellationToken cancellationToken)
    {
        if (await selector.FindAsync(context, cancellationToken) is not { } domain)
        {
            return selector.Missing();
        }

        if (domain.VerifiedAt is null && owner == DnsStatus.Found)
        {
            domain.VerifiedAt = time.GetUtcNow();
            await context.SaveChangesAsync(cancellationToken);
        }

        return domain;
    }
}

/// <param name="Proof">What DNS said about the proof of ownership just now.</param>
/// <param name="Record">The TXT record that proves it.</param>
/// <param name="Findings">What it said about the domain's other records.</param>
public sealed record DomainCheck(Domain Domain, DnsStatus Proof, string Record, IReadOnlyList<RecordFinding> Findings);
