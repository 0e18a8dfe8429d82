using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Domains;
using Smtpy.Core.Recipients;
using Smtpy.Core.Storage;
using Smtpy.Mail.Addresses;

namespace Smtpy.Core.Aliases.Import;

/// <summary>
/// Adds many aliases of existing domains. An alias that is there already stays as it is; a row that cannot be used is
/// reported and the others go on.
/// </summary>
public sealed class ImportAliases(IDbContextFactory<SmtpyContext> contexts, TimeProvider time)
{
    /// <summary>Rows in one transaction: large enough that its commit does not count, small enough that mail hardly waits for it.</summary>
    private const int BatchSize = 500;

    /// <param name="progress">Told the number of rows read so far.</param>
    public async Task<ImportReport> RunAsync(IEnumerable<AliasCsvRow> rows, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        var report = new ImportReport();
        var read = 0;
        foreach (var batch in rows.Chunk(BatchSize))
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            await AddBatchAsync(context, batch, report, cancellationToken);
            await context.SaveChangesAsync(cancellationToken);
            progress?.Report(read += batch.Length);
        }

        return report;
    }

    private async Task AddBatchAsync(SmtpyContext context, AliasCsvRow[] rows, ImportReport report, CancellationToken cancellationToken)
    {
        var parsed = new List<(AliasCsvRow Row, EmailAddress Address)>(rows.Length);
        foreach (var row in rows)
        {
            if (!EmailAddress.TryParse(row.Address, out var address, out var reason))
            {
                report.Reject(row, $"\"{row.Address}\" {reason}");
            }
            else if ((row.Problem ?? TextRules.Check(row.Note, int.MaxValue, "note")?.Message) is { } wrong)
            {
                report.Reject(row, wrong);
            }
            else
            {
                parsed.Add((row, address));
            }
        }

        var names = parsed.Select(static p => p.Address.Domain).Distinct().ToList();
        var domains = await context.Domains.Where(d => names.Contains(d.Name))
            .ToDictionaryAsync(static d => d.Name, cancellationToken);
        var addresses = parsed.Select(static p => Normal(p.Address)).ToList();
        var taken = await context.Aliases.Where(a => addresses.Contains(a.Address)).Select(static a => a.Address)
            .ToHashSetAsync(cancellationToken);
        var recipients = new RecipientLookup(context, time.GetUtcNow());
        foreach (var (row, address) in parsed)
        {
            if (!domains.TryGetValue(address.Domain, out var domain))
            {
                report.Reject(row, $"domain {address.Domain} is not here; add it first");
            }
            else if (!taken.Add(Normal(address)))
            {
                report.Existing++;
            }
            else
            {
                await AddAsync(context, recipients, domain, row, address, report, cancellationToken);
            }
        }
    }

    private async Task AddAsync(
        SmtpyContext context, RecipientLookup recipients, Domain domain, AliasCsvRow row, EmailAddress address, ImportReport report,
        CancellationToken cancellationToken)
    {
        var found = new List<Recipient>(row.Recipients.Count);
        foreach (var text in row.Recipients)
        {
            if (!EmailAddress.TryParse(text, out var recipient, out var reason))
            {
                report.Reject(row, $"recipient \"{text}\" {reason}");
                return;
            }

            found.Add(await recipients.FindOrAddAsync(domain.AccountId, recipient.Address, cancellationToken));
        }

        var now = time.GetUtcNow();
        var alias = new Alias
        {
            AccountId = domain.AccountId,
            DomainId = domain.Id,
            LocalPart = address.LocalPart.ToLowerInvariant(),
            Address = Normal(address),
            Description = Note(row, report),
            Enabled = row.Enabled,
            DisabledBehaviour = row.WhenDisabled,
            CreatedAt = now,
            UpdatedAt = now,
        };
        foreach (var recipient in found.DistinctBy(static r => r.Id))
        {
            alias.Recipients.Add(recipient);
        }

        context.Aliases.Add(alias);
        report.Added++;
    }

    /// <summary>What others let be longer is cut: an alias without all of its note is better than none.</summary>
    private static string Note(AliasCsvRow row, ImportReport report)
    {
        if (row.Note.Length <= Alias.LongestDescription)
        {
            return row.Note;
        }

        report.NotesCut++;
        var end = Alias.LongestDescription;
        return row.Note[..(char.IsHighSurrogate(row.Note[end - 1]) ? end - 1 : end)];
    }

    private static string Normal(EmailAddress address) => address.Address.ToLowerInvariant();

    /// <summary>The recipients of this batch, so that each is asked for once.</summary>
    private sealed class RecipientLookup(SmtpyContext context, DateTimeOffset now)
    {
        private readonly Dictionary<(Guid Account, string Email), Recipient> _known = [];

        public async Task<Recipient> FindOrAddAsync(Guid account, string email, CancellationToken cancellationToken)
        {
            if (_known.TryGetValue((account, email), out var known))
            {
                return known;
            }

            var recipient = await context.Recipients.FirstOrDefaultAsync(
                r => r.AccountId == account && r.Email == email, cancellationToken);
            if (recipient is null)
            {
                recipient = new Recipient { AccountId = account, Email = email, CreatedAt = now, VerifiedAt = now };
                context.Recipients.Add(recipient);
            }

            return _known[(account, email)] = recipient;
        }
    }
}

/// <summary>What an import did.</summary>
public sealed class ImportReport
{
    private readonly List<ImportProblem> _problems = [];

    public int Added { get; internal set; }

    /// <summary>Rows whose alias was there before, or stood in the file twice.</summary>
    public int Existing { get; internal set; }

    /// <summary>Aliases added with the beginning of a note that was too long.</summary>
    public int NotesCut { get; internal set; }

    public IReadOnlyList<ImportProblem> Problems => _problems;

    internal void Reject(AliasCsvRow row, string reason) => _problems.Add(new ImportProblem(row.Line, reason));
}

public sealed record ImportProblem(int Line, string Reason);
