using System.Data.Common;
using System.Globalization;
using Smtpy.Core.Aliases;
using Smtpy.Core.Storage;
using Smtpy.Mail.Server.Sasl;

namespace Smtpy.Core.Accounts;

/// <summary>
/// Who may sign in on the submission listener. Asked of the database each time: a check costs twenty milliseconds of its own, and a
/// password that was taken back must not work any more. A deleted alias's does not either.
/// </summary>
public sealed class SubmissionCredentials(RoutingVersion version) : ISaslCredentials
{
    /// <returns>With a <see cref="Submitter"/> as its account.</returns>
    /// <exception cref="StorageException">The database cannot be read.</exception>
    public ValueTask<SaslUser?> FindAsync(string userName, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(userName);
        return AddressSyntax.Normalise(userName)?.ToLowerInvariant() is { } name
            ? version.LookUpAsync((session, _, cancel) => AskAsync(session, name, cancel), cancellationToken)
            : ValueTask.FromResult<SaslUser?>(null);
    }

    private static async ValueTask<SaslUser?> AskAsync(LookupSession session, string name, CancellationToken cancellationToken)
    {
        var command = session.Command(
            """
            SELECT c.account_id, c.alias_id, c.salt, c.iterations, c.stored_key, c.server_key FROM smtp_credentials c
            LEFT JOIN aliases a ON a.id = c.alias_id WHERE c.user_name = @name AND a.deleted_at IS NULL
            """);
        command.AddText("@name", name);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        if (!await rows.ReadAsync(cancellationToken))
        {
            return null;
        }

        Guid? alias = await rows.IsDBNullAsync(1, cancellationToken) ? null : rows.GetGuid(1);
        return Record(rows) is { } credentials ? new SaslUser(credentials, new Submitter(rows.GetGuid(0), alias, name)) : null;
    }

    /// <summary>In the form of RFC 5803 section 2, which checks what it reads.</summary>
    private static ScramCredentials? Record(DbDataReader rows)
    {
        static string Base64(object octets) => Convert.ToBase64String((byte[])octets);
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"SCRAM-SHA-256${rows.GetInt32(3)}:{Base64(rows.GetValue(2))}${Base64(rows.GetValue(4))}:{Base64(rows.GetValue(5))}");
        return ScramCredentials.TryParse(text, out var credentials) ? credentials : null;
    }
}
