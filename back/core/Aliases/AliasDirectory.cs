using Smtpy.Core.Rules;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Aliases;

/// <summary>The directory on the database, by plain SQL, with a cache in front.</summary>
public sealed class AliasDirectory(
    RoutingVersion version, AliasDirectoryOptions options, string hostName, MailHandlingDefaults? defaults = null) : IAliasDirectory
{
    /// <summary>64 + 1 + 255 of RFC 5321 section 4.5.3.1, in characters; longer addresses are looked up, not cached.</summary>
    private const int LongestCached = 320;
    private readonly MailHandlingDefaults _defaults = defaults ?? new MailHandlingDefaults();
    private readonly LookupCache<string, AliasLookup> _cache = new(options.CacheEntries, StringComparer.OrdinalIgnoreCase);

    public ValueTask<AliasLookup> FindAsync(string localPart, string domain, CancellationToken cancellationToken)
    {
        var length = localPart.Length + 1 + domain.Length;
        if (length > LongestCached || !version.TryGet(out var generation))
        {
            return LookUpAsync(localPart, domain, cancellationToken);
        }

        Span<char> address = stackalloc char[LongestCached];
        localPart.CopyTo(address);
        address[localPart.Length] = '@';
        domain.CopyTo(address[(localPart.Length + 1)..]);
        return _cache.FindLike<ReadOnlySpan<char>>(address[..length], generation) is { } known
            ? ValueTask.FromResult(known)
            : LookUpAsync(localPart, domain, cancellationToken);
    }

    private ValueTask<AliasLookup> LookUpAsync(string localPart, string domain, CancellationToken cancellationToken) =>
        version.LookUpAsync((session, generation, cancel) => AskAsync(session, generation, localPart, domain, cancel), cancellationToken);

    private async ValueTask<AliasLookup> AskAsync(
        LookupSession session, long generation, string localPart, string domain, CancellationToken cancellationToken)
    {
        var address = localPart + "@" + domain;
        if (_cache.Find(address, generation) is { } known)
        {
            return known;
        }

        var found = await new RoutingRules(new RoutingQueries(session), hostName, _defaults).FindAsync(localPart, domain, cancellationToken);
        if (found.Outcome is not (AliasOutcome.Unknown or AliasOutcome.ForeignDomain) && address.Length <= LongestCached)
        {
            _cache.Add(address, found, generation);
        }

        return found;
    }
}
