using Smtpy.Core.Aliases;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Recipients;

/// <summary>
/// The mailboxes that may write as an alias: those of its recipients that are verified; where it has none of its own, all verified
/// ones of its account; and always the account's own address. Cached until something changes.
/// </summary>
public sealed class AliasWriters(RoutingVersion version, AliasDirectoryOptions options)
{
    private readonly LookupCache<(Guid Account, string Alias), IReadOnlySet<string>> _cache = new(Math.Max(1, options.CacheEntries / 10));

    /// <param name="aliasAddress">Lower case; an address that only the catch-all takes will do.</param>
    /// <returns>Compares without regard to case.</returns>
    /// <exception cref="StorageException">The database cannot be read.</exception>
    public ValueTask<IReadOnlySet<string>> FindAsync(Guid accountId, string aliasAddress, CancellationToken cancellationToken) =>
        version.TryGet(out var generation) && _cache.Find((accountId, aliasAddress), generation) is { } known
            ? ValueTask.FromResult(known)
            : version.LookUpAsync((session, now, cancel) => AskAsync(session, now, accountId, aliasAddress, cancel), cancellationToken);

    private async ValueTask<IReadOnlySet<string>> AskAsync(
        LookupSession session, long generation, Guid accountId, string aliasAddress, CancellationToken cancellationToken)
    {
        var command = session.Command(
            """
            SELECT email FROM accounts WHERE id = @account
            UNION SELECT r.email FROM recipients r JOIN alias_recipients l ON l.recipient_id = r.id JOIN aliases a ON a.id = l.alias_id
                WHERE a.address = @alias AND r.account_id = @account AND r.verified_at IS NOT NULL
            UNION SELECT r.email FROM recipients r WHERE r.account_id = @account AND r.verified_at IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM alias_recipients l JOIN aliases a ON a.id = l.alias_id WHERE a.address = @alias)
            """);
        command.AddGuid("@account", accountId).AddText("@alias", aliasAddress);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var writers = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (await rows.ReadAsync(cancellationToken))
        {
            writers.Add(rows.GetString(0));
        }

        _cache.Add((accountId, aliasAddress), writers, generation);
        return writers;
    }
}
