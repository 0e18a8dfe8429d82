using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Domains;

/// <summary>Shows the keys of a name, also those that sign no more.</summary>
public sealed class ListDomainKeys(IDbContextFactory<SmtpyContext> contexts, DomainKeyOptions options)
{
    /// <param name="name">As people type it: a domain, or the host name.</param>
    public async Task<Outcome<DomainKeys>> RunAsync(string name, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await DomainKeys.NameAsync(context, name, options.HostName, cancellationToken) is { } domain
            ? DomainKeys.Of(domain, await DomainKeys.AllAsync(context, domain, cancellationToken))
            : DomainLookup.Missing(name);
    }
}
