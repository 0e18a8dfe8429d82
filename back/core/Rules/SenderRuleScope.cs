using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Aliases;
using Smtpy.Core.Domains;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Rules;

/// <summary>For what a sender rule is: a whole account, one of its domains, or one of its aliases.</summary>
public readonly record struct SenderRuleScope
{
    private readonly Guid? _accountId;
    private readonly string? _email;
    private readonly DomainSelector? _domain;
    private readonly AliasSelector? _alias;

    private SenderRuleScope(Guid? accountId, string? email, DomainSelector? domain, AliasSelector? alias) =>
        (_accountId, _email, _domain, _alias) = (accountId, email, domain, alias);

    public static SenderRuleScope Account(Guid accountId) => new(accountId, null, null, null);

    /// <summary>The operator's way to name an account.</summary>
    public static SenderRuleScope Account(string email) => new(null, email, null, null);

    public static SenderRuleScope Domain(DomainSelector domain) => new(null, null, domain, null);

    public static SenderRuleScope Alias(AliasSelector alias) => new(null, null, null, alias);

    internal async Task<Outcome<ScopeIds>> FindAsync(SmtpyContext context, CancellationToken cancellationToken)
    {
        if (_alias is { } alias)
        {
            return await alias.FindAsync(context, deleted: false, cancellationToken) is { } found
                ? new ScopeIds(found.AccountId, null, found.Id)
                : alias.Missing();
        }

        if (_domain is { } domain)
        {
            return await domain.FindAsync(context, cancellationToken) is { } found ? new ScopeIds(found.AccountId, found.Id, null) : domain.Missing();
        }

        if (_accountId is { } id)
        {
            return new ScopeIds(id, null, null);
        }

        var email = AddressSyntax.Normalise(_email)?.ToLowerInvariant();
        var account = await context.Accounts.Where(a => a.Email == email).Select(static a => (Guid?)a.Id).FirstOrDefaultAsync(cancellationToken);
        return account is { } known
            ? new ScopeIds(known, null, null)
            : Problem.NotFound($"There is no account {_email}; see which there are with: smtpy user list");
    }
}

internal readonly record struct ScopeIds(Guid AccountId, Guid? DomainId, Guid? AliasId);
