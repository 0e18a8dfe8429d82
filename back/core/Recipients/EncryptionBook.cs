using Smtpy.Core.Aliases;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Recipients;

/// <summary>Finds the keys that recipients' mail is encrypted to, on the path of every message; cached until something changes.</summary>
public sealed class EncryptionBook(RoutingVersion version, AliasDirectoryOptions options, TimeProvider time)
{
    private readonly LookupCache<(Guid Account, string Email), RecipientEncryption> _cache = new(options.CacheEntries);

    /// <param name="email">As deliveries have it: local part as given, domain as A-label.</param>
    /// <exception cref="StorageException">The database cannot be read.</exception>
    public ValueTask<RecipientEncryption> FindAsync(Guid accountId, string email, CancellationToken cancellationToken) =>
        version.TryGet(out var generation) && _cache.Find((accountId, email), generation) is { } known
            ? ValueTask.FromResult(known)
            : version.LookUpAsync((session, now, cancel) => AskAsync(session, now, accountId, email, cancel), cancellationToken);

    private async ValueTask<RecipientEncryption> AskAsync(
        LookupSession session, long generation, Guid accountId, string email, CancellationToken cancellationToken)
    {
        // In any case of letters: hardly a server tells Jane@ from jane@, and one key too many does no harm where one too few sends in clear.
        var command = session.Command(
            """
            SELECT encryption, encryption_key, protect_subject FROM recipients
            WHERE account_id = @account AND email_key = lower(@email)
            ORDER BY CASE WHEN encryption = 0 THEN 1 ELSE 0 END, CASE WHEN email = @email THEN 0 ELSE 1 END
            """);
        command.AddGuid("@account", accountId).AddText("@email", email);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var found = RecipientEncryption.None;
        if (await rows.ReadAsync(cancellationToken))
        {
            var key = rows.IsDBNull(1) ? null : rows.GetFieldValue<byte[]>(1);
            found = RecipientEncryption.Of((EncryptionKind)rows.GetInt32(0), key, rows.GetBoolean(2), time.GetUtcNow());
        }

        _cache.Add((accountId, email), found, generation);
        return found;
    }
}
