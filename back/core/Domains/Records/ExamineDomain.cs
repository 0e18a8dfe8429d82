using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Domains.Records;

/// <summary>
/// Asks DNS for the records of a domain or of the host name, and keeps what follows: a waiting key that DNS carries begins to sign,
/// and the domain knows whether its mail comes here and whether its signatures can be verified.
/// </summary>
public sealed class ExamineDomain(
    IDbContextFactory<SmtpyContext> contexts, RecordExamination records, DomainKeyOptions options, TimeProvider time)
{
    /// <param name="name">As people type it: a domain, or the host name.</param>
    public async Task<Outcome<DomainExamination>> RunAsync(string name, CancellationToken cancellationToken)
    {
        var looked = await LookAsync(name, cancellationToken);
        return looked.Succeeded ? await KeepAsync(looked.Value, SeenRule.AsSeen, cancellationToken) : looked;
    }

    /// <summary>Keeps nothing.</summary>
    public async Task<Outcome<DomainExamination>> LookAsync(string name, CancellationToken cancellationToken)
    {
        string? domain;
        bool isDomain;
        IReadOnlyList<DomainKey> keys;
        await using (var context = await contexts.CreateDbContextAsync(cancellationToken))
        {
            domain = await DomainKeys.NameAsync(context, name, options.HostName, cancellationToken);
            if (domain is null)
            {
                return DomainLookup.Missing(name);
            }

            isDomain = await context.Domains.AnyAsync(d => d.Name == domain, cancellationToken);
            keys = DomainKeys.Of(domain, await DomainKeys.AllAsync(context, domain, cancellationToken)).Keys;
        }

        return await AskAsync(domain, isDomain, keys, cancellationToken);
    }

    /// <summary>No transaction waits for DNS.</summary>
    internal async Task<DomainExamination> AskAsync(
        string domain, bool isDomain, IReadOnlyList<DomainKey> keys, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var wanted = new List<DomainRecord>();
        if (isDomain)
        {
            wanted.AddRange(DomainRecords.OfDomain(domain, options.HostName, keys, now, options));
        }

        if (domain == options.HostName)
        {
            // An alias domain that is the host name, too: its keys, SPF and policy are asked for once.
            wanted.AddRange(DomainRecords.OfHost(domain, keys, now, options).Where(
                record => !wanted.Exists(w => w.Name == record.Name && w.Purpose == record.Purpose)));
        }

        return new DomainExamination(domain, isDomain, await records.AskAsync(wanted, cancellationToken));
    }

    internal Task<Outcome<DomainExamination>> KeepAsync(DomainExamination seen, SeenRule rule, CancellationToken cancellationToken) =>
        contexts.ChangeAsync<DomainExamination>(
            async context =>
            {
                var now = time.GetUtcNow();
                var keys = await DomainKeys.AllAsync(context, seen.Domain, cancellationToken);
                string[] published = [.. seen.CarriedPending];
                foreach (var key in keys.Where(k => k.IsPending && published.Contains(k.Selector)))
                {
                    DomainKeyPair.Activate(keys, key, now);
                }

                if (await context.Domains.FirstOrDefaultAsync(d => d.Name == seen.Domain, cancellationToken) is { } domain)
                {
                    domain.SigningSeenAt = rule.Next(domain.SigningSeenAt, seen.CanBeVerified, rule.ForgetsSigning, now);
                    domain.ExchangerSeenAt = rule.Next(domain.ExchangerSeenAt, seen.ComesHere, rule.ForgetsExchanger, now);
                }

                if (context.ChangeTracker.HasChanges())
                {
                    await context.SaveChangesAsync(cancellationToken);
                }

                return seen;
            },
            cancellationToken);
}

/// <summary>How what DNS says now changes what is stored about it. No answer never changes anything.</summary>
/// <param name="Precision">A stored time that is younger stays.</param>
/// <param name="ForgetsSigning">True: DNS's word that the key is not there counts.</param>
/// <param name="ForgetsExchanger">The same of the MX record.</param>
internal readonly record struct SeenRule(TimeSpan Precision, bool ForgetsSigning, bool ForgetsExchanger)
{
    /// <summary>For who asks now.</summary>
    public static SeenRule AsSeen => new(TimeSpan.Zero, true, true);

    public DateTimeOffset? Next(DateTimeOffset? stored, bool? seen, bool forgets, DateTimeOffset now) => seen switch
    {
        true => stored is { } at && now - at < Precision ? stored : now,
        false when forgets => null,
        _ => stored,
    };
}
