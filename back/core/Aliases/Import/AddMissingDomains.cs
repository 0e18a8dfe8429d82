using Smtpy.Core.Domains;
using Smtpy.Mail.Addresses;

namespace Smtpy.Core.Aliases.Import;

/// <summary>Adds the domains of an alias list that are not here yet, by the operator's word, so that its aliases can be added.</summary>
public sealed class AddMissingDomains(ListDomains list, AddDomain add, VerifyDomain verify, EnsureDomainKeys keys)
{
    /// <param name="owner">E-mail of the account that gets them; null: the first administrator's.</param>
    /// <returns>Those that were added, or why one was not; the ones before it are there then.</returns>
    public async Task<Outcome<IReadOnlyList<string>>> RunAsync(IEnumerable<AliasCsvRow> rows, string? owner, CancellationToken cancellationToken)
    {
        var known = (await list.RunAsync(cancellationToken)).Select(static d => d.Name).ToHashSet(StringComparer.Ordinal);
        var added = new List<string>();
        foreach (var name in rows.Select(static row => EmailAddress.TryParse(row.Address, out var address) ? address.Domain : null).Distinct())
        {
            if (name is null || !known.Add(name))
            {
                continue;
            }

            var domain = await add.RunAsync(name, owner, cancellationToken);
            domain = domain.Succeeded ? await verify.RunAsync(name, force: true, cancellationToken) : domain;
            if (!domain.Succeeded)
            {
                return domain.Problem;
            }

            await keys.RunAsync(name, cancellationToken);
            added.Add(name);
        }

        return added;
    }
}
