using Smtpy.Core.Storage;
using Smtpy.Mail.Dkim;

namespace Smtpy.Core.Domains;

/// <summary>
/// The keys that sign, by plain SQL, cached until something changes. A key is opened once; who signs shares it. A key that cannot be
/// opened is left out, and never silently: see <see cref="SigningFaults"/>.
/// </summary>
public sealed class DomainKeyRing(
    RoutingVersion version, DomainKeySeal seal, DomainKeyOptions options, SigningFaults faults) : IDkimKeys
{
    private readonly LookupCache<string, Answer> _answers = new(options.CacheEntries, StringComparer.Ordinal);

    /// <summary>By row, whatever the routing version: a row's key never changes. Two for a domain.</summary>
    private readonly LookupCache<Guid, SigningKey> _keys = new(2 * options.CacheEntries);

    public ValueTask<IReadOnlyList<SigningKey>> FindAsync(string domain, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(domain);
        return version.TryGet(out var generation) && _answers.Find(domain, generation) is { } known
            ? ValueTask.FromResult(Give(domain, known))
            : LookUpAsync(domain, cancellationToken);
    }

    private async ValueTask<IReadOnlyList<SigningKey>> LookUpAsync(string domain, CancellationToken cancellationToken) => Give(
        domain,
        await version.LookUpAsync((session, generation, cancel) => AskAsync(session, generation, domain, cancel), cancellationToken));

    private IReadOnlyList<SigningKey> Give(string domain, Answer answer)
    {
        if (answer.Fault is { } fault)
        {
            faults.Note(domain, fault);
        }

        return answer.Keys;
    }

    private async ValueTask<Answer> AskAsync(LookupSession session, long generation, string domain, CancellationToken cancellationToken)
    {
        if (_answers.Find(domain, generation) is { } known)
        {
            return known;
        }

        var command = session.Command(
            """
            SELECT id, selector, algorithm, sealed_private_key FROM signing_keys
            WHERE domain_name = @domain AND active_from IS NOT NULL AND retired_at IS NULL ORDER BY algorithm, active_from DESC
            """);
        command.AddText("@domain", domain);
        var keys = new List<SigningKey>(2);
        string? fault = null;
        var last = -1;
        await using (var rows = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await rows.ReadAsync(cancellationToken))
            {
                if (rows.GetInt32(2) == last)
                {
                    continue;
                }

                last = rows.GetInt32(2);
                var opened = Open(rows.GetGuid(0), domain, rows.GetString(1), (byte[])rows.GetValue(3));
                fault ??= opened.Problem?.Message;
                if (opened.Succeeded)
                {
                    keys.Add(opened.Value);
                }
            }
        }

        if (fault is null)
        {
            faults.Clear(domain);
        }

        var answer = new Answer(keys, fault);
        _answers.Add(domain, answer, generation);
        return answer;
    }

    private Outcome<SigningKey> Open(Guid id, string domain, string selector, byte[] octets)
    {
        if (_keys.Find(id, 0) is { } known)
        {
            return known;
        }

        var opened = seal.Open(domain, selector, octets);
        if (!opened.Succeeded)
        {
            return opened.Problem;
        }

        var key = new SigningKey(domain, selector, opened.Value);
        _keys.Add(id, key, 0);
        return key;
    }

    /// <param name="Fault">Why a key that should sign does not; null where all do.</param>
    private sealed record Answer(IReadOnlyList<SigningKey> Keys, string? Fault);
}
