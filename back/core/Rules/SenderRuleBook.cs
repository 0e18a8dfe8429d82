using Smtpy.Core.Aliases;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Rules;

/// <summary>What an account has said about senders; cached by account until something changes.</summary>
public sealed class SenderRuleBook(RoutingVersion version, AliasDirectoryOptions options)
{
    /// <summary>An account's rules take some hundred octets each, and most accounts have few.</summary>
    private readonly LookupCache<Guid, SenderRuleSet> _cache = new(Math.Max(1, options.CacheEntries / 10));

    /// <exception cref="StorageException">The database cannot be read.</exception>
    public ValueTask<SenderRuleSet> FindAsync(Guid accountId, CancellationToken cancellationToken) =>
        version.TryGet(out var generation) && _cache.Find(accountId, generation) is { } known
            ? ValueTask.FromResult(known)
            : version.LookUpAsync((session, now, cancel) => AskAsync(session, now, accountId, cancel), cancellationToken);

    private async ValueTask<SenderRuleSet> AskAsync(LookupSession session, long generation, Guid accountId, CancellationToken cancellationToken)
    {
        if (_cache.Find(accountId, generation) is { } known)
        {
            return known;
        }

        var command = session.Command("SELECT sender, verdict, domain_id, alias_id FROM sender_rules WHERE account_id = @account");
        command.AddGuid("@account", accountId);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var rules = new List<(string, SenderVerdict, Guid?, Guid?)>();
        while (await rows.ReadAsync(cancellationToken))
        {
            rules.Add((
                rows.GetString(0), (SenderVerdict)rows.GetInt32(1), rows.IsDBNull(2) ? null : rows.GetGuid(2),
                rows.IsDBNull(3) ? null : rows.GetGuid(3)));
        }

        var set = new SenderRuleSet(rules);
        _cache.Add(accountId, set, generation);
        return set;
    }
}
