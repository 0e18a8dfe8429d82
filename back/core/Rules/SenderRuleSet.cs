namespace Smtpy.Core.Rules;

/// <summary>
/// An account's sender rules. The narrowest decides: a rule of the alias before one of its domain before one of the account, and
/// within each an address before its domain before a wider domain. Of two as narrow, blocking wins.
/// </summary>
public sealed class SenderRuleSet
{
    private readonly Dictionary<(Guid? Scope, string Sender), SenderVerdict> _verdicts = [];

    /// <param name="rules">Sender, verdict, and the domain or the alias that it is for; neither for the whole account.</param>
    public SenderRuleSet(IEnumerable<(string Sender, SenderVerdict Verdict, Guid? DomainId, Guid? AliasId)> rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        foreach (var (sender, verdict, domain, alias) in rules)
        {
            var key = (alias ?? domain, sender);
            if (verdict is SenderVerdict.Block || !_verdicts.ContainsKey(key))
            {
                _verdicts[key] = verdict;
            }
        }
    }

    public bool IsEmpty => _verdicts.Count == 0;

    /// <param name="address">Lower case, domain as A-label.</param>
    /// <returns>Null where no rule says anything.</returns>
    public SenderVerdict? Of(string address, Guid? domainId, Guid? aliasId)
    {
        if (IsEmpty || address.Length == 0)
        {
            return null;
        }

        return (aliasId is null ? null : Within(aliasId, address)) ?? (domainId is null ? null : Within(domainId, address)) ?? Within(null, address);
    }

    private SenderVerdict? Within(Guid? scope, string address)
    {
        if (_verdicts.TryGetValue((scope, address), out var exact))
        {
            return exact;
        }

        for (var at = address.LastIndexOf('@'); at >= 0; at = address.IndexOf('.', at + 1))
        {
            if (_verdicts.TryGetValue((scope, string.Concat("@", address.AsSpan(at + 1))), out var verdict))
            {
                return verdict;
            }
        }

        return null;
    }
}
