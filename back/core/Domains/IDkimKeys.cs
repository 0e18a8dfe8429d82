using Smtpy.Mail.Dkim;

namespace Smtpy.Core.Domains;

/// <summary>The keys that sign what leaves in a domain's name now. Asked for every message that is sent, so answers are cached.</summary>
public interface IDkimKeys
{
    /// <param name="domain">A-label, lower case: an account's domain, or the instance's host name.</param>
    /// <returns>At most one for each algorithm, RSA first; none where the domain has no key.</returns>
    /// <exception cref="Storage.StorageException">The database cannot be read.</exception>
    ValueTask<IReadOnlyList<SigningKey>> FindAsync(string domain, CancellationToken cancellationToken);
}
