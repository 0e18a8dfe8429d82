using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Aliases;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Contacts;

/// <summary>
/// Which contact is meant: one of an account, by id, or any, by the alias's address and the contact's, for the operator. Another
/// account's id finds nothing, exactly as an unknown one does.
/// </summary>
public readonly record struct ContactSelector
{
    private readonly Guid _accountId;
    private readonly Guid _id;
    private readonly string? _alias;
    private readonly string? _address;

    public ContactSelector(Guid accountId, Guid id) => (_accountId, _id) = (accountId, id);

    public ContactSelector(string alias, string address) => (_alias, _address) = (alias, address);

    internal Task<Contact?> FindAsync(SmtpyContext context, CancellationToken cancellationToken)
    {
        if (_alias is null)
        {
            var (account, id) = (_accountId, _id);
            return context.Contacts.FirstOrDefaultAsync(c => c.Id == id && c.AccountId == account, cancellationToken);
        }

        var alias = AddressSyntax.Normalise(_alias)?.ToLowerInvariant();
        var address = AddressSyntax.Normalise(_address)?.ToLowerInvariant();
        return context.Contacts.FirstOrDefaultAsync(c => c.AliasAddress == alias && c.Address == address, cancellationToken);
    }

    internal Problem Missing() => Problem.NotFound(
        _alias is null ? "There is no such contact." : $"{_address} is no contact of {_alias}; see which there are with: smtpy contact list");
}
