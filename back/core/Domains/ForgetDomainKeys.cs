using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Domains;

/// <summary>Retires the keys of domains that are here no more, and deletes those that were retired long ago.</summary>
public sealed class ForgetDomainKeys(IDbContextFactory<SmtpyContext> contexts, DomainKeyOptions options, TimeProvider time)
{
    /// <returns>How many were deleted.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var outcome = await contexts.ChangeAsync<int>(context => ForgetAsync(context, cancellationToken), cancellationToken);
        return outcome.Value;
    }

    private async Task<Outcome<int>> ForgetAsync(SmtpyContext context, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (since, host) = (now - options.KeepRetired, options.HostName);
        var orphans = await context.SigningKeys
            .Where(k => k.RetiredAt == null && k.DomainName != host && !context.Domains.Any(d => d.Name == k.DomainName))
            .ToListAsync(cancellationToken);
        foreach (var key in orphans)
        {
            key.RetiredAt = now;
        }

        var old = await context.SigningKeys.Where(k => k.RetiredAt != null && k.RetiredAt < since).ToListAsync(cancellationToken);
        context.SigningKeys.RemoveRange(old);
        if (orphans.Count + old.Count > 0)
        {
            await context.SaveChangesAsync(cancellationToken);
        }

        return old.Count;
    }
}
