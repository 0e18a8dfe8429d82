using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Aliases;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Recipients;

/// <summary>
/// Which recipient is meant: one of an account, by id, or any, by address, for the operator; several accounts may have the same
/// mailbox, so there the account's address may have to tell which. Another account's id finds nothing, as an unknown one does.
/// </summary>
public readonly record struct RecipientSelector
{
    private readonly Guid _accountId;
    private readonly Guid _id;
    private readonly string? _email;
    private readonly string? _owner;

    public RecipientSelector(Guid accountId, Guid id) => (_accountId, _id) = (accountId, id);

    /// <param name="owner">Address of the account; null where only one account has the mailbox.</param>
    public RecipientSelector(string email, string? owner) => (_email, _owner) = (email, owner);

    internal async Task<Outcome<Recipient>> FindAsync(SmtpyContext context, CancellationToken cancellationToken)
    {
        if (_email is null)
        {
            var (account, id) = (_accountId, _id);
            return await context.Recipients.FirstOrDefaultAsync(r => r.Id == id && r.AccountId == account, cancellationToken) is { } own
                ? own
                : Problem.NotFound("There is no such recipient.");
        }

        var email = AddressSyntax.Normalise(_email);
        var owner = AddressSyntax.Normalise(_owner)?.ToLowerInvariant();
        var found = await context.Recipients.Where(r => r.Email == email)
            .Where(r => owner == null || context.Accounts.Any(a => a.Id == r.AccountId && a.Email == owner)).Take(2).ToListAsync(cancellationToken);
        return found switch
        {
            [var one] => one,
            [] => Problem.NotFound($"There is no recipient {_email}; see which there are with: smtpy recipient list"),
            _ => Problem.Conflict($"Several accounts have the recipient {_email}; name one with --user EMAIL"),
        };
    }
}
