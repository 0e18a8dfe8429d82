using Microsoft.EntityFrameworkCore;
using Smtpy.Core.Aliases;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Domains;

/// <summary>What a name signs with.</summary>
/// <param name="Domain">A-label: a domain, or the instance's host name.</param>
/// <param name="Keys">The newest generation first, RSA before Ed25519.</param>
public sealed record DomainKeys(string Domain, IReadOnlyList<DomainKey> Keys)
{
    internal static DomainKeys Of(string domain, IEnumerable<DomainKey> keys) => new(
        domain, [.. keys.OrderByDescending(static k => DomainKeyPair.GenerationOf(k.Selector)).ThenBy(static k => k.Algorithm)]);

    /// <summary>The name as keys are stored under it, where it is a domain that is here or the host name; else null.</summary>
    /// <param name="name">As people type it.</param>
    internal static async Task<string?> NameAsync(SmtpyContext context, string name, string hostName, CancellationToken cancellationToken)
    {
        if (string.Equals(name.TrimEnd('.'), hostName, StringComparison.OrdinalIgnoreCase))
        {
            return hostName;
        }

        return AddressSyntax.TryDomain(name, out var ascii) && await context.Domains.AnyAsync(d => d.Name == ascii, cancellationToken) ? ascii : null;
    }

    internal static Task<List<DomainKey>> AllAsync(SmtpyContext context, string domain, CancellationToken cancellationToken) =>
        context.SigningKeys.Where(k => k.DomainName == domain).ToListAsync(cancellationToken);
}

public enum DomainKeyState
{
    /// <summary>Waits until DNS carries its record.</summary>
    Pending = 0,

    /// <summary>Signs.</summary>
    Active = 1,

    /// <summary>Signs no more; its record must stay for what is under way.</summary>
    Retired = 2,

    /// <summary>Its record may be removed.</summary>
    Removable = 3,
}

public static class DomainKeyStates
{
    public static DomainKeyState StateAt(this DomainKey key, DateTimeOffset now, DomainKeyOptions options) =>
        key.IsPending ? DomainKeyState.Pending
        : key.IsActive ? DomainKeyState.Active
        : key.ActiveFrom is null || key.RetiredAt + options.KeepPublished <= now ? DomainKeyState.Removable
        : DomainKeyState.Retired;
}
