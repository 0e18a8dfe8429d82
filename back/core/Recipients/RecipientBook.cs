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

            if (taken.Exists(r => string.Equals(r.Email, address, StringComparison.Ordinal)))
            {
                continue;
            }

            taken.Add(await FindAsync(accountId, address, cancellationToken) ?? Add(accountId, address));
        }

        return taken;
    }

    private Task<Recipient?> FindAsync(Guid accountId, string address, CancellationToken cancellationToken) =>
        context.Recipients.FirstOrDefaultAsync(r => r.AccountId == accountId && r.Email == address, cancellationToken);

    private Recipient Add(Guid accountId, string address)
    {
        var now = time.GetUtcNow();
        var recipient = new Recipient { AccountId = accountId, Email = address, CreatedAt = now, VerifiedAt = now };
        context.Recipients.Add(recipient);
        return recipient;
    }
}
