using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Domains;

/// <summary>
/// Makes a new pair of keys for a name. Each of them waits until DNS carries its record (<see cref="Records.ExamineDomain"/>); until then,
/// the one before it of its algorithm goes on signing, and stays published afterwards, so that every signature finds its key.
/// </summary>
public sealed class RotateDomainKeys(
    IDbContextFactory<SmtpyContext> contexts, DomainKeySeal seal, DomainKeyOptions options, TimeProvider time)
{
    /// <summary>A pair that waits already is not replaced by another: asking twice changes nothing.</summary>
    /// <param name="name">As people type it: a domain, or the host name.</param>
    /// <param name="force">True: the new keys sign at once, whatever DNS carries.</param>
    public Task<Outcome<DomainKeys>> RunAsync(string name, bool force, CancellationToken cancellationToken)
    {
        var pair = new DomainKeyPair();
        return contexts.ChangeAsync<DomainKeys>(
            async context =>
            {
                if (await DomainKeys.NameAsync(context, name, options.HostName, cancellationToken) is not { } domain)
                {
                    return DomainLookup.Missing(name);
                }

                var known = await DomainKeys.AllAsync(context, domain, cancellationToken);
                var now = time.GetUtcNow();
                var fresh = Waiting(known);
                if (fresh.Count == 0)
                {
                    fresh = [.. pair.Rows(seal, domain, DomainKeyPair.NextGeneration(known), now)];
                    Abandon(known, now);
                    context.SigningKeys.AddRange(fresh);
                    known.AddRange(fresh);
                }

                // A name without a key that signs has no reason to wait.
                foreach (var key in fresh.Where(k => force || (k.Algorithm == DomainKeyAlgorithm.RsaSha256 && !known.Exists(static o => o.IsActive))))
                {
                    DomainKeyPair.Activate(known, key, now);
                }

                await context.SaveChangesAsync(cancellationToken);
                return DomainKeys.Of(domain, known);
            },
            cancellationToken);
    }

    /// <summary>The newest generation, where none of it signs yet and this instance could sign with it; else nothing.</summary>
    private List<DomainKey> Waiting(List<DomainKey> known)
    {
        var newest = DomainKeyPair.NextGeneration(known) - 1;
        var keys = known.FindAll(k => DomainKeyPair.GenerationOf(k.Selector) == newest);
        return newest > 0 && keys.TrueForAll(k => k.IsPending && seal.Open(k.DomainName, k.Selector, k.SealedPrivateKey).Succeeded) ? keys : [];
    }

    /// <summary>Keys of older generations that never signed never will.</summary>
    private static void Abandon(List<DomainKey> known, DateTimeOffset now)
    {
        foreach (var key in known.Where(static k => k.IsPending))
        {
            key.RetiredAt = now;
        }
    }
}
