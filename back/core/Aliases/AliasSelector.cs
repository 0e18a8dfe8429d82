using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Aliases;

/// <summary>
/// Which alias is meant: one of an account, by id, or any, by address, for the operator. Another account's id finds nothing,
/// exactly as an unknown one does.
/// </summary>
public readonly record struct AliasSelector
{
    private readonly Guid _accountId;
    private readonly Guid _id;
    private readonly string? _address;

    public AliasSelector(Guid accountId, Guid id) => (_accountId, _id) = (accountId, id);

    private AliasSelector(string address) => _address = address;

    public static implicit operator AliasSelector(string address) => new(address);

    /// <param name="deleted">True: only deleted ones; false: only others; null: either.</param>
    internal Task<Alias?> FindAsync(SmtpyContext context, bool? deleted, CancellationToken cancellationToken)
    {
        IQueryable<Alias> aliases = context.Aliases.Include(static a => a.Recipients.OrderBy(r => r.Email)).Include(static a => a.Domain);
        if (deleted is { } wanted)
        {
            aliases = aliases.Where(a => a.DeletedAt.HasValue == wanted);
        }

        if (_address is null)
        {
            var (account, id) = (_accountId, _id);
            return aliases.FirstOrDefaultAsync(a => a.Id == id && a.AccountId == account, cancellationToken);
        }

        var full = AddressSyntax.Normalise(_address)?.ToLowerInvariant();
        return aliases.FirstOrDefaultAsync(a => a.Address == full, cancellationToken);
    }

    internal Problem Missing() => _address is null
        ? Problem.NotFound("There is no such alias.")
        : Problem.NotFound($"There is no alias {_address}; see which there are with: smtpy alias list");
}
