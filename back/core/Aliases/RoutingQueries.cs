using System.Data.Common;
using Smtpy.Core.Storage;
using Smtpy.Core.Storage.Model;

namespace Smtpy.Core.Aliases;

/// <summary>The reads behind <see cref="AliasDirectory"/>, in SQL that every database understands.</summary>
internal sealed class RoutingQueries(DbConnection connection)
{
    public async ValueTask<long> VersionAsync(CancellationToken cancellationToken)
    {
        await using var command = Command("SELECT value FROM counters WHERE name = @a", CounterRow.RoutingVersion);
        return (long)(await command.ExecuteScalarAsync(cancellationToken) ?? 0L);
    }

    /// <summary>Null for a domain that is not ours, or that is not verified yet.</summary>
    public async ValueTask<OwnDomain?> DomainAsync(string name, CancellationToken cancellationToken)
    {
        await using var command = Command(
            """
            SELECT d.name, d.account_id, d.catch_all, a.email, d.active, r.email FROM domains d JOIN accounts a ON a.id = d.account_id
            LEFT JOIN recipients r ON r.id = d.default_recipient_id AND r.verified_at IS NOT NULL
            WHERE d.name = @a AND d.verified_at IS NOT NULL
            """, name);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        if (!await rows.ReadAsync(cancellationToken))
        {
            return null;
        }

        var owner = rows.GetString(3);
        var standard = await rows.IsDBNullAsync(5, cancellationToken) ? owner : rows.GetString(5);
        return new OwnDomain(rows.GetString(0), rows.GetGuid(1), rows.GetBoolean(2), owner, rows.GetBoolean(4), standard);
    }

    public async ValueTask<FoundAlias?> AliasAsync(string address, CancellationToken cancellationToken)
    {
        await using var command = Command(
            """
            SELECT a.id, a.account_id, a.enabled, a.disabled_behaviour, r.email, a.deleted_at, ar.recipient_id FROM aliases a
            LEFT JOIN alias_recipients ar ON ar.alias_id = a.id
            LEFT JOIN recipients r ON r.id = ar.recipient_id AND r.verified_at IS NOT NULL
            WHERE a.address = @a ORDER BY r.email
            """, address);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        FoundAlias? found = null;
        while (await rows.ReadAsync(cancellationToken))
        {
            found ??= new FoundAlias(
                address, rows.GetGuid(0), rows.GetGuid(1), rows.GetBoolean(2), (DisabledBehaviour)rows.GetInt32(3), [],
                !await rows.IsDBNullAsync(5, cancellationToken), !await rows.IsDBNullAsync(6, cancellationToken));
            if (!await rows.IsDBNullAsync(4, cancellationToken))
            {
                found.Recipients.Add(rows.GetString(4));
            }
        }

        return found;
    }

    /// <returns>The verified recipients, and whether there are any others.</returns>
    public async ValueTask<(List<string> Recipients, bool HasAny)> CatchAllAsync(string domain, CancellationToken cancellationToken)
    {
        await using var command = Command(
            """
            SELECT r.email, r.verified_at FROM domains d JOIN catch_all_recipients c ON c.domain_id = d.id
            JOIN recipients r ON r.id = c.recipient_id WHERE d.name = @a ORDER BY r.email
            """, domain);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var recipients = new List<string>();
        var any = false;
        while (await rows.ReadAsync(cancellationToken))
        {
            any = true;
            if (!await rows.IsDBNullAsync(1, cancellationToken))
            {
                recipients.Add(rows.GetString(0));
            }
        }

        return (recipients, any);
    }

    public async ValueTask<(Guid Id, string Email)?> FirstAdminAsync(CancellationToken cancellationToken)
    {
        await using var command = Command("SELECT id, email FROM accounts WHERE is_admin ORDER BY created_at, email LIMIT 1", null);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        return await rows.ReadAsync(cancellationToken) ? (rows.GetGuid(0), rows.GetString(1)) : null;
    }

    private DbCommand Command(string sql, string? a)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        if (a is not null)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = "@a";
            parameter.Value = a;
            command.Parameters.Add(parameter);
        }

        return command;
    }
}

/// <param name="OwnerEmail">E-mail of the account: takes postmaster's and abuse's mail where no alias does.</param>
/// <param name="Active">False: its mail is taken and dropped.</param>
/// <param name="DefaultRecipient">Takes what has no recipients of its own.</param>
internal sealed record OwnDomain(string Name, Guid AccountId, bool CatchAll, string OwnerEmail, bool Active, string DefaultRecipient);

/// <param name="Recipients">The verified ones.</param>
/// <param name="HasRecipients">True where recipients were named, verified or not.</param>
internal sealed record FoundAlias(
    string Address, Guid Id, Guid AccountId, bool Enabled, DisabledBehaviour DisabledBehaviour, List<string> Recipients, bool Deleted,
    bool HasRecipients);
