using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Rules;

/// <summary>Takes a sender rule back.</summary>
public sealed class DeleteSenderRule(IDbContextFactory<SmtpyContext> contexts)
{
    public Task<Outcome<SenderRule>> RunAsync(Guid accountId, Guid id, CancellationToken cancellationToken) => contexts.ChangeAsync<SenderRule>(
        async context => await RemoveAsync(
            context, await context.SenderRules.FirstOrDefaultAsync(r => r.Id == id && r.AccountId == accountId, cancellationToken), cancellationToken)
            is { } removed ? removed : Problem.NotFound("There is no such sender rule."),
        cancellationToken);

    /// <summary>The operator's.</summary>
    public Task<Outcome<SenderRule>> RunAsync(SenderRuleScope scope, string sender, CancellationToken cancellationToken)
    {
        var normal = SetSenderRule.Normalise(sender);
        return contexts.ChangeAsync<SenderRule>(
            async context =>
            {
                var found = await scope.FindAsync(context, cancellationToken);
                if (!found.Succeeded)
                {
                    return found.Problem;
                }

                var ids = found.Value;
                var rule = await context.SenderRules.FirstOrDefaultAsync(
                    r => r.AccountId == ids.AccountId && r.DomainId == ids.DomainId && r.AliasId == ids.AliasId && r.Sender == normal, cancellationToken);
                return await RemoveAsync(context, rule, cancellationToken) is { } removed
                    ? removed
                    : Problem.NotFound($"There is no rule for {sender} there; see which there are with: smtpy sender list");
            },
            cancellationToken);
    }

    private static async Task<SenderRule?> RemoveAsync(SmtpyContext context, SenderRule? found, CancellationToken cancellationToken)
    {
        if (found is not null)
        {
            context.SenderRules.Remove(found);
            await context.SaveChangesAsync(cancellationToken);
        }

        return found;
    }
}
