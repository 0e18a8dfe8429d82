namespace Smtpy.Mail.TlsPolicy;

/// <summary>
/// Keeps MTA-STS policies longer than a process lives: a policy that has been seen once binds until it expires, also where an
/// attacker hides it after a restart (RFC 8461 section 10.2). Trouble with the storage is the implementation's own to log;
/// it then has nothing and keeps nothing.
/// </summary>
public interface ITlsPolicyStore
{
    /// <param name="domain">Lower case, A-labels.</param>
    Task<StoredTlsPolicy?> ReadAsync(string domain, CancellationToken cancellationToken);

    /// <summary>Replaces what is there for the domain.</summary>
    Task WriteAsync(StoredTlsPolicy policy, CancellationToken cancellationToken);
}

/// <param name="Domain">Lower case, A-labels; at most 255 characters; the key.</param>
/// <param name="Id">Of the TXT record; at most 32 letters and digits.</param>
/// <param name="Text">The policy file, normalised; at most 64 KiB.</param>
/// <param name="ExpiresAt">From then on it may be deleted.</param>
public sealed record StoredTlsPolicy(string Domain, string Id, string Text, DateTimeOffset FetchedAt, DateTimeOffset ExpiresAt);
