using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Aliases;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Rules;

/// <summary>Blocks a sender or lets one through, for an account, a domain or an alias. There is one rule for each sender and scope.</summary>
public sealed class SetSenderRule(IDbContextFactory<SmtpyContext> contexts, TimeProvider time)
{
    /// <summary>All of an account's rules are kept in memory while its mail comes in; 10,000 take some megabytes.</summary>
    public const int MostRules = 10_000;

    /// <param name="sender">An address, or "@" and a domain.</param>
    public async Task<Outcome<SenderRule>> RunAsync(SenderRuleScope scope, string? sender, SenderVerdict verdict, CancellationToken cancellationToken) =>
        Normalise(sender) is { } normal
            ? await contexts.ChangeAsync<SenderRule>(context => SetAsync(context, scope, normal, verdict, cancellationToken), cancellationToken)
            : Problem.Invalid($"'{sender}' is neither an address such as jane@shop.example nor a domain such as @shop.example.", "sender");

    /// <summary>As <see cref="SenderRule.Sender"/> has it; null where it is none.</summary>
    internal static string? Normalise(string? sender) => sender is ['@', .. var domain]
        ? AddressSyntax.TryDomain(domain, out var ascii) ? "@" + ascii : null
        : AddressSyntax.Normalise(sender)?.ToLowerInvariant();

    private async Task<Outcome<SenderRule>> SetAsync(
        SmtpyContext context, SenderRuleScope scope, string sender, SenderVerdict verdict, CancellationToken cancellationToken)
    {
        var found = await scope.FindAsync(context, cancellationToken);
        if (!found.Succeeded)
        {
            return found.Problem;
        }

        var ids = found.Value;
        var rule = await context.SenderRules.FirstOrDefaultAsync(
            r => r.AccountId == ids.AccountId && r.DomainId == ids.DomainId && r.AliasId == ids.AliasId && r.Sender == sender, cancellationToken);
        if (rule is null)
        {
            if (await context.SenderRules.CountAsync(r => r.AccountId == ids.AccountId, cancellationToken) >= MostRules)
            {
                return Problem.NotPossible($"An account may have {MostRules} sender rules at most; a rule for a domain can replace many.");
            }

            rule = new SenderRule
            {
                AccountId = ids.AccountId,
                DomainId = ids.DomainId,
                AliasId = ids.AliasId,
                Sender = sender,
                CreatedAt = time.GetUtcNow(),
            };
            context.SenderRules.Add(rule);
        }

        rule.Verdict = verdict;
        await context.SaveChangesAsync(cancellationToken);
        return rule;
    }
}
