using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Aliases;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Domains;

/// <summary>
/// Which domain is meant: one of an account, by id, or any, by name, for the operator. Another account's id finds nothing,
/// exactly as an unknown one does.
/// </summary>
public readonly record struct DomainSelector
{
    private readonly Guid _accountId;
    private readonly Guid _id;
    private readonly string? _name;

    public DomainSelector(Guid accountId, Guid id) => (_accountId, _id) = (accountId, id);

    private DomainSelector(string name) => _name = name;

    public static implicit operator DomainSelector(string name) => new(name);

    internal Task<Domain?> FindAsync(SmtpyContext context, CancellationToken cancellationToken)
    {
        var domains = context.Domains.Include(static d => d.DefaultRecipient).Include(static d => d.CatchAllRecipients);
        if (_name is null)
        {
            var (account, id) = (_accountId, _id);
            return domains.FirstOrDefaultAsync(d => d.Id == id && d.AccountId == account, cancellationToken);
        }

        var ascii = AddressSyntax.TryDomain(_name, out var known) ? known : null;
        return domains.FirstOrDefaultAsync(d => d.Name == ascii, cancellationToken);
    }

    internal Problem Missing() => _name is null
        ? Problem.NotFound("There is no such domain.")
        : DomainLookup.Missing(_name);
}
