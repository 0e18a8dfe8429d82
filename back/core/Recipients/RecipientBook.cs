using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Aliases;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Recipients;

/// <summary>
/// An account's recipients by e-mail address; unknown ones are added. They count as verified: whoever may call these use cases
/// is the operator, who vouches for them.
/// </summary>
internal sealed class RecipientBook(SmtpyContext context, TimeProvider time)
{
    public async Task<Outcome<IReadOnlyList<Recipient>>> TakeAsync(
        Guid accountId, IReadOnlyCollection<string> emails, CancellationToken cancellationToken)
    {
        var taken = new List<Recipient>();
        foreach (var email in emails)
        {
            if (AddressSyntax.Normalise(email) is not { } address)
            {
                return Problem.Invalid($"'{email}' is not an e-mail address.");
            }

            if (taken.Exists(r => string.Equals(r.Email, address, StringComparison.OrdinalIgnoreCase)))
            {
                continue;
            }

            taken.Add(await FindAsync(accountId, address, cancellationToken) ?? Add(accountId, address));
        }

        return taken;
    }

    /// <summary>Most recipients of one alias, as addy.io has it.</summary>
    public const int MostRecipients = 10;

    /// <summary>The account's verified recipients with these ids.</summary>
    public static async Task<Outcome<IReadOnlyList<Recipient>>> SelectAsync(
        SmtpyContext context, Guid accountId, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        const string field = "recipient_ids";
        if (ids.Count > MostRecipients)
        {
            return Problem.Invalid($"An alias may have {MostRecipients} recipients at most.", field);
        }

        var wanted = ids.Distinct().ToList();
        var found = await context.Recipients.Where(r => r.AccountId == accountId && r.VerifiedAt != null && wanted.Contains(r.Id))
            .OrderBy(r => r.Email).ToListAsync(cancellationToken);
        return found.Count == wanted.Count ? found : Problem.Invalid("One or more recipients do not exist or are not verified.", field);
    }

    /// <summary>In any case of letters, the same spelling first: one mailbox has one key and one pause.</summary>
    private async Task<Recipient?> FindAsync(Guid accountId, string address, CancellationToken cancellationToken)
    {
        var exact = await context.Recipients.FirstOrDefaultAsync(r => r.AccountId == accountId && r.Email == address, cancellationToken);
        return exact ?? await context.Recipients.FromSql($"SELECT * FROM recipients WHERE email_key = lower({address})")
            .Where(r => r.AccountId == accountId).OrderBy(r => r.CreatedAt).FirstOrDefaultAsync(cancellationToken);
    }

    private Recipient Add(Guid accountId, string address)
    {
        var now = time.GetUtcNow();
        var recipient = new Recipient { AccountId = accountId, Email = address, CreatedAt = now, VerifiedAt = now };
        context.Recipients.Add(recipient);
        return recipient;
    }
}
