using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Aliases;

/// <summary>Shows one alias, deleted or not, with its recipients.</summary>
public sealed class FindAlias(IDbContextFactory<SmtpyContext> contexts)
{
    public async Task<Outcome<Alias>> RunAsync(AliasSelector selector, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await selector.FindAsync(context, deleted: null, cancellationToken) is { } alias ? alias : selector.Missing();
    }
}
