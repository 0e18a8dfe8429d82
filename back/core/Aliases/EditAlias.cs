using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Aliases;

/// <summary>Changes what an alias says about itself; not where its mail goes.</summary>
public sealed class EditAlias(IDbContextFactory<SmtpyContext> contexts, TimeProvider time)
{
    public Task<Outcome<Alias>> RunAsync(AliasSelector selector, AliasEdit edit, CancellationToken cancellationToken)
    {
        if ((TextRules.Check(edit.Description, Alias.LongestDescription, "description")
            ?? TextRules.Check(edit.FromName, Alias.LongestFromName, "from_name")) is { } wrong)
        {
            return Task.FromResult<Outcome<Alias>>(wrong);
        }

        return contexts.ChangeAsync<Alias>(
            async context =>
            {
                if (await selector.FindAsync(context, deleted: null, cancellationToken) is not { } alias)
                {
                    return selector.Missing();
                }

                alias.Description = edit.Description ?? alias.Description;
                alias.FromName = edit.FromName is null ? alias.FromName : edit.FromName.Length == 0 ? null : edit.FromName;
                alias.Pinned = edit.Pinned ?? alias.Pinned;
                alias.UpdatedAt = time.GetUtcNow();
                await context.SaveChangesAsync(cancellationToken);
                return alias;
            },
            cancellationToken);
    }
}

/// <summary>Null leaves a value as it is; empty text clears it.</summary>
public sealed record AliasEdit(string? Description = null, string? FromName = null, bool? Pinned = null);
