using System.Data.Common;
using Microsoft.Extensions.Logging;
using Smtpy.Mail.TlsPolicy;

namespace Smtpy.Core.Storage;

/// <summary>
/// MTA-STS policies in the database: all replicas know what one has fetched, also after a restart. Plain SQL, since serving mail does
/// without Entity Framework. Expired rows go when something is written.
/// </summary>
public sealed partial class TlsPolicyTable(IDatabase database, TimeProvider time, ILogger<TlsPolicyTable> logger) : ITlsPolicyStore
{
    public async Task<StoredTlsPolicy?> ReadAsync(string domain, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(domain);
        try
        {
            await using var connection = await database.OpenAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT policy_id, policy, fetched_at, expires_at FROM tls_policies WHERE domain_name = @domain";
            command.AddText("@domain", domain);
            await using var rows = await command.ExecuteReaderAsync(cancellationToken);
            return await rows.ReadAsync(cancellationToken)
                ? new StoredTlsPolicy(domain, rows.GetString(0), rows.GetString(1), Instant(rows, 2), Instant(rows, 3))
                : null;
        }
        catch (Exception failure) when (DatabaseTrouble.IsCauseOf(failure))
        {
            LogNotRead(failure, domain);
            return null;
        }
    }

    public async Task WriteAsync(StoredTlsPolicy policy, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(policy);
        try
        {
            await using var connection = await database.OpenAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText =
                """
                DELETE FROM tls_policies WHERE expires_at <= @now;
                INSERT INTO tls_policies (domain_name, policy_id, policy, fetched_at, expires_at) VALUES (@domain, @id, @policy, @fetched, @expires)
                ON CONFLICT (domain_name) DO UPDATE SET policy_id = excluded.policy_id, policy = excluded.policy,
                    fetched_at = excluded.fetched_at, expires_at = excluded.expires_at
                """;
            command.AddNumber("@now", time.GetUtcNow().ToUnixTimeMilliseconds()).AddText("@domain", policy.Domain).AddText("@id", policy.Id)
                .AddText("@policy", policy.Text).AddNumber("@fetched", policy.FetchedAt.ToUnixTimeMilliseconds())
                .AddNumber("@expires", policy.ExpiresAt.ToUnixTimeMilliseconds());
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception failure) when (DatabaseTrouble.IsCauseOf(failure))
        {
            LogNotWritten(failure, policy.Domain);
        }
    }

    private static DateTimeOffset Instant(DbDataReader rows, int column) => DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(column));

    [LoggerMessage(Level = LogLevel.Warning, Message = "The MTA-STS policy of {Domain} could not be read from the database; it is fetched again")]
    private partial void LogNotRead(Exception failure, string domain);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The MTA-STS policy of {Domain} could not be stored; it is known until the process ends")]
    private partial void LogNotWritten(Exception failure, string domain);
}
