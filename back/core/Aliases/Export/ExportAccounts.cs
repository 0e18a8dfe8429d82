using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Accounts;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Aliases.Export;

/// <summary>Gathers what accounts own, by address, so that two exports of the same are the same.</summary>
public sealed class ExportAccounts(IDbContextFactory<SmtpyContext> contexts)
{
    /// <param name="email">Only this account; null for all.</param>
    public async Task<Outcome<IReadOnlyList<ExportedAccount>>> RunAsync(string? email, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var wanted = AddressSyntax.Normalise(email)?.ToLowerInvariant();
        var accounts = await context.Accounts.AsNoTracking().Where(a => email == null || a.Email == wanted).OrderBy(static a => a.Email)
            .ToListAsync(cancellationToken);
        if (email is not null && accounts.Count == 0)
        {
            return Problem.NotFound($"There is no account {email}; see which there are with: smtpy user list");
        }

        var exported = new List<ExportedAccount>(accounts.Count);
        foreach (var account in accounts)
        {
            exported.Add(await GatherAsync(context, account, cancellationToken));
        }

        return exported;
    }

    private static async Task<ExportedAccount> GatherAsync(SmtpyContext context, Account account, CancellationToken cancellationToken) => new(
        account.Email, account.IsAdmin, account.CreatedAt,
        await DomainsAsync(context, account.Id, cancellationToken),
        await context.Recipients.Where(r => r.AccountId == account.Id).OrderBy(static r => r.Email)
            .Select(static r => new ExportedRecipient(
                r.Email, r.VerifiedAt, r.PausedAt, r.Encryption, r.EncryptionFingerprint, r.EncryptionKey, r.ProtectSubject, r.CreatedAt))
            .ToListAsync(cancellationToken),
        await AliasesAsync(context, account.Id, cancellationToken),
        await context.Contacts.Where(c => c.AccountId == account.Id).OrderBy(static c => c.AliasAddress).ThenBy(static c => c.Address)
            .Select(static c => new ExportedContact(c.AliasAddress, c.Address, c.DisplayName, c.ReverseAddress, c.Blocked, c.CreatedAt))
            .ToListAsync(cancellationToken),
        await context.SenderRules.Where(r => r.AccountId == account.Id).OrderBy(static r => r.Sender).ThenBy(static r => r.CreatedAt)
            .Select(r => new ExportedRule(
                r.Sender, r.Verdict, context.Domains.Where(d => d.Id == r.DomainId).Select(static d => d.Name).FirstOrDefault(),
                context.Aliases.Where(a => a.Id == r.AliasId).Select(static a => a.Address).FirstOrDefault(), r.CreatedAt))
            .ToListAsync(cancellationToken));

    private static async Task<IReadOnlyList<ExportedDomain>> DomainsAsync(SmtpyContext context, Guid account, CancellationToken cancellationToken)
    {
        var domains = await context.Domains.AsNoTracking().Include(static d => d.DefaultRecipient)
            .Include(static d => d.CatchAllRecipients.OrderBy(static r => r.Email))
            .Where(d => d.AccountId == account).OrderBy(static d => d.Name).ToListAsync(cancellationToken);
        return domains.ConvertAll(static d => new ExportedDomain(
            d.Name, d.Description, d.FromName, d.Active, d.CatchAll, [.. d.CatchAllRecipients.Select(static r => r.Email)],
            d.DefaultRecipient?.Email, d.Handling, d.VerifiedAt, d.CreatedAt));
    }

    private static async Task<IReadOnlyList<ExportedAlias>> AliasesAsync(SmtpyContext context, Guid account, CancellationToken cancellationToken)
    {
        var aliases = await context.Aliases.AsNoTracking().Include(static a => a.Recipients.OrderBy(static r => r.Email))
            .Where(a => a.AccountId == account).OrderBy(static a => a.Address).ToListAsync(cancellationToken);
        return aliases.ConvertAll(static a => new ExportedAlias(
            a.Address, a.Description, a.Enabled, a.DisabledBehaviour, [.. a.Recipients.Select(static r => r.Email)], a.FromName, a.Pinned, a.Handling,
            a.KnownSendersOnly, a.SubjectTemplate, a.Banner, a.CleanReplies, a.CreatedAt, a.UpdatedAt, a.DeletedAt));
    }
}
