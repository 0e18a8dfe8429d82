using Smtpy.Core.Storage;

namespace Smtpy.Core.Recipients;

/// <summary>The addresses behind an alias that nobody outside may learn of: its recipients, its domain's, and the account's own.</summary>
public sealed class OwnerMailboxes(RoutingVersion version)
{
    /// <param name="aliasAddress">Lower case; an address that only the catch-all takes will do.</param>
    /// <exception cref="StorageException">The database cannot be read.</exception>
    public ValueTask<IReadOnlyList<string>> FindAsync(Guid accountId, string aliasAddress, CancellationToken cancellationToken) =>
        version.LookUpAsync((session, _, cancel) => AskAsync(session, accountId, aliasAddress, cancel), cancellationToken);

    private static async ValueTask<IReadOnlyList<string>> AskAsync(
        LookupSession session, Guid accountId, string aliasAddress, CancellationToken cancellationToken)
    {
        var command = session.Command(
            """
            SELECT email FROM accounts WHERE id = @account
            UNION SELECT r.email FROM recipients r JOIN alias_recipients l ON l.recipient_id = r.id JOIN aliases a ON a.id = l.alias_id
                WHERE a.address = @alias AND r.account_id = @account
            UNION SELECT r.email FROM recipients r JOIN catch_all_recipients c ON c.recipient_id = r.id JOIN domains d ON d.id = c.domain_id
                WHERE d.name = @domain AND r.account_id = @account
            UNION SELECT r.email FROM recipients r JOIN domains d ON d.default_recipient_id = r.id
                WHERE d.name = @domain AND r.account_id = @account
            """);
        command.AddGuid("@account", accountId).AddText("@alias", aliasAddress)
            .AddText("@domain", aliasAddress[(aliasAddress.LastIndexOf('@') + 1)..]);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var mailboxes = new List<string>();
        while (await rows.ReadAsync(cancellationToken))
        {
            mailboxes.Add(rows.GetString(0));
        }

        return mailboxes;
    }
}
