using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Domains;

/// <summary>
/// Sees to it that a name has keys to sign with. Of the first pair the RSA key signs at once, since nothing better is there: receivers
/// pass over a signature whose key they do not find (RFC 6376 section 6.1.2). The Ed25519 key waits until DNS carries its record.
/// </summary>
public sealed class EnsureDomainKeys(IDbContextFactory<SmtpyContext> contexts, DomainKeySeal seal, TimeProvider time)
{
    /// <param name="domain">A-label, lower case: a domain that is here, or the host name.</param>
    public Task<Outcome<DomainKeys>> RunAsync(string domain, CancellationToken cancellationToken)
    {
        var pair = new DomainKeyPair();
        return contexts.ChangeAsync<DomainKeys>(
            async context =>
            {
                var known = await DomainKeys.AllAsync(context, domain, cancellationToken);
                if (known.Exists(static k => k.RetiredAt is null && k.Algorithm == DomainKeyAlgorithm.RsaSha256))
                {
                    return DomainKeys.Of(domain, known);
                }

                var now = time.GetUtcNow();
                var rows = pair.Rows(seal, domain, DomainKeyPair.NextGeneration(known), now);
                rows[0].ActiveFrom = now;
                context.SigningKeys.AddRange(rows);
                await context.SaveChangesAsync(cancellationToken);
                return DomainKeys.Of(domain, [.. known, .. rows]);
            },
            cancellationToken);
    }
}
