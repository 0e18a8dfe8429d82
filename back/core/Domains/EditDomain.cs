using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Aliases;
using Smtpy.Core.Recipients;
using Smtpy.Core.Rules;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Domains;

/// <summary>Changes a domain: what it says of itself, whether it is on, how its mail is handled, and where mail goes that nothing else says a recipient for.</summary>
public sealed class EditDomain(IDbContextFactory<SmtpyContext> contexts, TimeProvider time)
{
    public Task<Outcome<Domain>> RunAsync(DomainSelector selector, DomainEdit edit, CancellationToken cancellationToken)
    {
        if ((TextRules.Check(edit.Description, Alias.LongestDescription, "description")
            ?? TextRules.Check(edit.FromName, Alias.LongestFromName, "from_name")) is { } wrong)
        {
            return Task.FromResult<Outcome<Domain>>(wrong);
        }

        return contexts.ChangeAsync<Domain>(
            async context =>
            {
                if (await selector.FindAsync(context, cancellationToken) is not { } domain)
                {
                    return selector.Missing();
                }

                if (edit.DefaultRecipient is { } wanted && await SetDefaultAsync(context, domain, wanted, cancellationToken) is { } problem)
                {
                    return problem;
                }

                domain.Description = edit.Description ?? domain.Description;
                domain.FromName = edit.FromName is null ? domain.FromName : edit.FromName.Length == 0 ? null : edit.FromName;
                domain.Active = edit.Active ?? domain.Active;
                domain.CatchAll = edit.CatchAll ?? domain.CatchAll;
                edit.Handling.ApplyTo(domain.Handling);
                domain.UpdatedAt = time.GetUtcNow();
                await context.SaveChangesAsync(cancellationToken);
                return domain;
            },
            cancellationToken);
    }

    private static async Task<Problem?> SetDefaultAsync(SmtpyContext context, Domain domain, Guid wanted, CancellationToken cancellationToken)
    {
        if (wanted == Guid.Empty)
        {
            domain.DefaultRecipient = null;
            return null;
        }

        var found = await RecipientBook.SelectAsync(context, domain.AccountId, [wanted], cancellationToken);
        if (found.Succeeded)
        {
            domain.DefaultRecipient = found.Value[0];
        }

        return found.Problem is { } problem ? problem with { Field = "default_recipient" } : null;
    }
}

/// <summary>Null leaves a value as it is; empty text clears it.</summary>
/// <param name="DefaultRecipient">Id of a verified recipient; <see cref="Guid.Empty"/> for the account's own address.</param>
public sealed record DomainEdit(
    string? Description = null, string? FromName = null, bool? Active = null, bool? CatchAll = null, Guid? DefaultRecipient = null)
{
    public HandlingEdit Handling { get; init; } = new();
}
