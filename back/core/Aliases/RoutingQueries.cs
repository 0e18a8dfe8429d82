using System.Data.Common;
using Smtpy.Core.Rules;
using Smtpy.Core.Storage;
using Smtpy.Mail.Rewriting;

namespace Smtpy.Core.Aliases;

/// <summary>The reads behind <see cref="AliasDirectory"/>, in SQL that every database understands.</summary>
internal sealed class RoutingQueries(LookupSession session)
{
    /// <summary>Null for a domain that is not ours, or that is not verified yet.</summary>
    public async ValueTask<OwnDomain?> DomainAsync(string name, CancellationToken cancellationToken)
    {
        var command = Command(
            """
            SELECT d.name, d.account_id, d.catch_all, a.email, d.active, r.email, d.id, d.signing_seen_at + d.exchanger_seen_at, d.from_name, d.mode, d.from_format,
                d.on_dmarc_fail, d.on_spf_fail, d.unsubscribe, r.paused_at
            FROM domains d JOIN accounts a ON a.id = d.account_id LEFT JOIN recipients r ON r.id = d.default_recipient_id AND r.verified_at IS NOT NULL
            WHERE d.name = @a AND d.verified_at IS NOT NULL
            """, name);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        if (!await rows.ReadAsync(cancellationToken))
        {
            return null;
        }

        var owner = rows.GetString(3);
        var standard = await rows.IsDBNullAsync(5, cancellationToken) ? owner : rows.GetString(5);
        return new OwnDomain(
            rows.GetString(0), rows.GetGuid(1), rows.GetBoolean(2), owner, rows.GetBoolean(4), standard, !rows.IsDBNull(14), rows.GetGuid(6),
            !rows.IsDBNull(7), rows.IsDBNull(8) ? null : rows.GetString(8), Handling(rows, 9));
    }

    public async ValueTask<FoundAlias?> AliasAsync(string address, CancellationToken cancellationToken)
    {
        var command = Command(
            """
            SELECT a.id, a.account_id, a.enabled, a.disabled_behaviour, r.email, a.deleted_at, ar.recipient_id, r.paused_at, a.from_name, a.mode,
                a.from_format, a.on_dmarc_fail, a.on_spf_fail, a.unsubscribe, a.known_senders_only, a.subject_template, a.banner, a.clean_replies
            FROM aliases a LEFT JOIN alias_recipients ar ON ar.alias_id = a.id
            LEFT JOIN recipients r ON r.id = ar.recipient_id AND r.verified_at IS NOT NULL
            WHERE a.address = @a ORDER BY r.email
            """, address);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        FoundAlias? found = null;
        while (await rows.ReadAsync(cancellationToken))
        {
            found ??= new FoundAlias(
                address, rows.GetGuid(0), rows.GetGuid(1), rows.GetBoolean(2), (DisabledBehaviour)rows.GetInt32(3), [],
                !await rows.IsDBNullAsync(5, cancellationToken), !await rows.IsDBNullAsync(6, cancellationToken),
                new AliasOptions(
                    rows.IsDBNull(8) ? null : rows.GetString(8), Handling(rows, 9), rows.GetBoolean(14),
                    rows.IsDBNull(15) ? null : rows.GetString(15), (BannerPlace)rows.GetInt32(16), rows.GetBoolean(17)));
            if (!await rows.IsDBNullAsync(4, cancellationToken))
            {
                found.Recipients.Add(rows.GetString(4));
                if (!await rows.IsDBNullAsync(7, cancellationToken))
                {
                    found.Paused.Add(rows.GetString(4));
                }
            }
        }

        return found;
    }

    /// <summary>Whom a reverse address stands for; null where it is none, or its alias was deleted.</summary>
    public async ValueTask<(ReverseRoute Route, Guid AccountId)?> ReverseAsync(string address, CancellationToken cancellationToken)
    {
        var command = Command(
            """
            SELECT c.address, c.display_name, c.alias_address, c.account_id FROM contacts c LEFT JOIN aliases a ON a.address = c.alias_address
            WHERE c.reverse_address = @a AND a.deleted_at IS NULL
            """, address);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        return await rows.ReadAsync(cancellationToken)
            ? (new ReverseRoute(rows.GetString(0), rows.GetString(1), rows.GetString(2)), rows.GetGuid(3))
            : null;
    }

    /// <returns>The verified recipients, which of them are paused, and whether there are any others.</returns>
    public async ValueTask<(List<string> Recipients, List<string> Paused, bool HasAny)> CatchAllAsync(string domain, CancellationToken cancellationToken)
    {
        var command = Command(
            """
            SELECT r.email, r.verified_at, r.paused_at FROM domains d JOIN catch_all_recipients c ON c.domain_id = d.id
            JOIN recipients r ON r.id = c.recipient_id WHERE d.name = @a ORDER BY r.email
            """, domain);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var recipients = new List<string>();
        var paused = new List<string>();
        var any = false;
        while (await rows.ReadAsync(cancellationToken))
        {
            any = true;
            if (!await rows.IsDBNullAsync(1, cancellationToken))
            {
                recipients.Add(rows.GetString(0));
                if (!await rows.IsDBNullAsync(2, cancellationToken))
                {
                    paused.Add(rows.GetString(0));
                }
            }
        }

        return (recipients, paused, any);
    }

    public async ValueTask<(Guid Id, string Email)?> FirstAdminAsync(CancellationToken cancellationToken)
    {
        var command = Command("SELECT id, email FROM accounts WHERE is_admin ORDER BY created_at, email LIMIT 1", null);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        return await rows.ReadAsync(cancellationToken) ? (rows.GetGuid(0), rows.GetString(1)) : null;
    }

    /// <summary>Five columns: mode, from_format, on_dmarc_fail, on_spf_fail, unsubscribe.</summary>
    private static MailHandling Handling(DbDataReader rows, int first) => new()
    {
        Mode = (ForwardingMode?)Number(rows, first),
        FromFormat = (DisplayNameFormat?)Number(rows, first + 1),
        OnDmarcFail = (FailureAction?)Number(rows, first + 2),
        OnSpfFail = (FailureAction?)Number(rows, first + 3),
        Unsubscribe = (UnsubscribeChoice?)Number(rows, first + 4),
    };

    private static int? Number(DbDataReader rows, int column) => rows.IsDBNull(column) ? null : rows.GetInt32(column);

    private DbCommand Command(string sql, string? a)
    {
        var command = session.Command(sql);
        return a is null ? command : command.AddText("@a", a);
    }
}

/// <param name="OwnerEmail">E-mail of the account: takes postmaster's and abuse's mail where no alias does.</param>
/// <param name="Active">False: its mail is taken and dropped.</param>
/// <param name="DefaultRecipient">Takes what has no recipients of its own.</param>
internal sealed record OwnDomain(
    string Name, Guid AccountId, bool CatchAll, string OwnerEmail, bool Active, string DefaultRecipient, bool IsDefaultPaused, Guid Id,
    bool IsReadyToSend, string? FromName, MailHandling Handling);

/// <param name="Recipients">The verified ones.</param>
/// <param name="HasRecipients">True where recipients were named, verified or not.</param>
internal sealed record FoundAlias(
    string Address, Guid Id, Guid AccountId, bool Enabled, DisabledBehaviour DisabledBehaviour, List<string> Recipients, bool Deleted,
    bool HasRecipients, AliasOptions Options)
{
    public List<string> Paused { get; } = [];
}

/// <summary>What an alias says about its own mail.</summary>
internal sealed record AliasOptions(
    string? FromName, MailHandling Handling, bool KnownSendersOnly, string? SubjectTemplate, BannerPlace Banner, bool CleanReplies)
{
    /// <summary>Of an address that only the catch-all takes.</summary>
    public static AliasOptions OfCatchAll { get; } = new(null, new MailHandling(), false, null, BannerPlace.Off, true);
}
