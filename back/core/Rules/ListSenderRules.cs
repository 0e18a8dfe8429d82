using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Rules;

/// <summary>Lists sender rules with what each is for, by sender.</summary>
public sealed class ListSenderRules(IDbContextFactory<SmtpyContext> contexts)
{
    /// <param name="accountId">Only this account's; null for the operator, who sees all.</param>
    /// <param name="filter">What else must hold.</param>
    public async Task<Page<ListedRule>> RunAsync(Guid? accountId, SenderRuleQuery filter, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var rules = context.SenderRules.AsNoTracking();
        rules = accountId is null ? rules : rules.Where(r => r.AccountId == accountId);
        rules = filter.Verdict is { } verdict ? rules.Where(r => r.Verdict == verdict) : rules;
        rules = filter.WholeAccountOnly ? rules.Where(r => r.DomainId == null && r.AliasId == null) : rules;
        return await rules.OrderBy(r => r.Sender).ThenBy(r => r.CreatedAt).ThenBy(r => r.Id)
            .Select(r => new ListedRule(
                r, context.Accounts.Where(a => a.Id == r.AccountId).Select(a => a.Email).First(),
                context.Domains.Where(d => d.Id == r.DomainId).Select(d => d.Name).FirstOrDefault(),
                context.Aliases.Where(a => a.Id == r.AliasId).Select(a => a.Address).FirstOrDefault()))
            .PageAsync(filter.Page, filter.PageSize, cancellationToken);
    }
}

/// <param name="Page">1, 2, …</param>
public sealed record SenderRuleQuery(SenderVerdict? Verdict = null, bool WholeAccountOnly = false, int Page = 1, int PageSize = 100);

/// <param name="Account">E-mail address of the account it is of.</param>
/// <param name="Domain">Set: only for mail to this domain.</param>
/// <param name="Alias">Set: only for mail to this alias.</param>
public sealed record ListedRule(SenderRule Rule, string Account, string? Domain, string? Alias);
