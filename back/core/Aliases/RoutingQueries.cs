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
            SELECT d.name, d.account_id, d.catch_all, a.email FROM domains d JOIN accounts a ON a.id = d.account_id
            WHERE d.name = @a AND d.verified_at IS NOT NULL
            """, name);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        return await rows.ReadAsync(cancellationToken)
            ? new OwnDomain(rows.GetString(0), rows.GetGuid(1), rows.GetBoolean(2), rows.GetString(3))
            : null;
    }

    public async ValueTask<FoundAlias?> AliasAsync(string address, CancellationToken cancellationToken)
    {
        await using var command = Command(
            """
            SELECT a.id, a.account_id, a.enabled, a.disabled_behaviour, r.email FROM aliases a
            LEFT JOIN alias_recipients ar ON ar.alias_id = a.id
            LEFT JOIN recipients r ON r.id = ar.recipient_id AND r.verified_at IS NOT NULL
            WHERE a.address = @a ORDER BY r.email
            """, address);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        FoundAlias? found = null;
        while (await rows.ReadAsync(cancellationToken))
        {
            found ??= new FoundAlias(address, rows.GetGuid(0), rows.GetGuid(1), rows.GetBoolean(2), (DisabledBehaviour)rows.GetInt32(3), []);
            if (!await rows.IsDBNullAsync(4, cancellationToken))
            {
                found.Recipients.Add(rows.GetString(4));
            }
        }

        return found;
    }

    public async ValueTask<List<string>> CatchAllAsync(string domain, CancellationToken cancellationToken)
    {
        await using var command = Command(
            """
            SELECT r.email FROM domains d JOIN catch_all_recipients c ON c.domain_id = d.id JOIN recipients r ON r.id = c.recipient_id
            WHERE d.name = @a AND r.verified_at IS NOT NULL ORDER BY r.email
            """, domain);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var recipients = new List<string>();
        while (await rows.ReadAsync(cancellationToken))
        {
            recipients.Add(rows.GetString(0));
        }

        return recipients;
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
internal sealed record OwnDomain(string Name, Guid AccountId, bool CatchAll, string OwnerEmail);

internal sealed record FoundAlias(
    string Address, Guid Id, Guid AccountId, bool Enabled, DisabledBehaviour DisabledBehaviour, List<string> Recipients);
