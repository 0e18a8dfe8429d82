using Smtpy.Core.Aliases;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Contacts;

/// <summary>
/// Finds an alias's contacts on the path of every message. Contacts that are found are cached until something changes; who is not one
/// yet is asked for each time, and becomes one with the message that is stored for it.
/// </summary>
public sealed class ContactBook(RoutingVersion version, AliasDirectoryOptions options)
{
    private readonly LookupCache<(string Alias, string Address), Contact> _cache = new(options.CacheEntries);

    /// <param name="aliasAddress">Lower case.</param>
    /// <param name="address">Lower case, domain as A-label.</param>
    /// <exception cref="StorageException">The database cannot be read.</exception>
    public ValueTask<Contact?> FindAsync(string aliasAddress, string address, CancellationToken cancellationToken) =>
        version.TryGet(out var generation) && _cache.Find((aliasAddress, address), generation) is { } known
            ? ValueTask.FromResult<Contact?>(known)
            : version.LookUpAsync((session, now, cancel) => AskAsync(session, now, aliasAddress, address, cancel), cancellationToken);

    /// <summary>Contacts that were just stored: the next message of theirs need not ask.</summary>
    public void Remember(IReadOnlyList<Contact> contacts)
    {
        if (contacts.Count == 0 || !version.TryGet(out var generation))
        {
            return;
        }

        foreach (var contact in contacts)
        {
            _cache.Add((contact.AliasAddress, contact.Address), contact, generation);
        }
    }

    private async ValueTask<Contact?> AskAsync(
        LookupSession session, long generation, string aliasAddress, string address, CancellationToken cancellationToken)
    {
        var command = session.Command(
            """
            SELECT id, account_id, display_name, reverse_address, blocked, created_at FROM contacts
            WHERE alias_address = @alias AND address = @address
            """);
        command.AddText("@alias", aliasAddress).AddText("@address", address);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        if (!await rows.ReadAsync(cancellationToken))
        {
            return null;
        }

        var contact = new Contact
        {
            Id = rows.GetGuid(0),
            AccountId = rows.GetGuid(1),
            AliasAddress = aliasAddress,
            Address = address,
            DisplayName = rows.GetString(2),
            ReverseAddress = rows.GetString(3),
            Blocked = rows.GetBoolean(4),
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(5)),
        };
        _cache.Add((aliasAddress, address), contact, generation);
        return contact;
    }
}
