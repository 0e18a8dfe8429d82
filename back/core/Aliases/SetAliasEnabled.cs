using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Aliases;

/// <summary>Switches an alias on or off.</summary>
public sealed class SetAliasEnabled(IDbContextFactory<SmtpyContext> contexts, TimeProvider time)
{
    /// <param name="behaviour">What senders see while it is off; null leaves it as it was.</param>
    public async Task<Outcome<Alias>> RunAsync(
        string address, bool enabled, DisabledBehaviour? behaviour, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await AliasLookupByAddress.FindAsync(context, address, cancellationToken) is not { } alias)
        {
            return AliasLookupByAddress.Missing(address);
        }

        alias.Enabled = enabled;
        alias.DisabledBehaviour = behaviour ?? alias.DisabledBehaviour;
        alias.UpdatedAt = time.GetUtcNow();
        await context.SaveChangesAsync(cancellationToken);
        return alias;
    }
}

/// <summary>Finds aliases by what people type.</summary>
internal static class AliasLookupByAddress
{
    public static Task<Alias?> FindAsync(SmtpyContext context, string address, CancellationToken cancellationToken)
    {
        var full = AddressSyntax.Normalise(address)?.ToLowerInvariant();
        return context.Aliases.Include(a => a.Recipients).FirstOrDefaultAsync(a => a.Address == full, cancellationToken);
    }

    public static Problem Missing(string address) =>
        Problem.NotFound($"There is no alias {address}; see which there are with: smtpy alias list");
}
