using System.Data.Common;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Aliases;

/// <summary>The directory on the database, by plain SQL, with a cache in front.</summary>
public sealed class AliasDirectory(
    IDatabase database, RoutingChanges changes, AliasDirectoryOptions options, string hostName, TimeProvider time) : IAliasDirectory
{
    /// <summary>64 + 1 + 255 of RFC 5321 section 4.5.3.1, in characters; longer addresses are looked up, not cached.</summary>
    private const int LongestCached = 320;
    private readonly AliasCache _cache = new(options.CacheEntries);
    private long _version = -1;
    private long _versionAt;
    private long _generation;
    private long _announced;

    public ValueTask<AliasLookup> FindAsync(string localPart, string domain, CancellationToken cancellationToken)
    {
        var length = localPart.Length + 1 + domain.Length;
        if (length > LongestCached || !IsVersionFresh)
        {
            return LookUpAsync(localPart, domain, cancellationToken);
        }

        Span<char> address = stackalloc char[LongestCached];
        localPart.CopyTo(address);
        address[localPart.Length] = '@';
        domain.CopyTo(address[(localPart.Length + 1)..]);
        return _cache.Find(address[..length], Generation) is { } known
            ? ValueTask.FromResult(known)
            : LookUpAsync(localPart, domain, cancellationToken);
    }

    private long Generation => Volatile.Read(ref _generation);

    private bool IsVersionFresh =>
        changes.Generation == Volatile.Read(ref _announced) && time.GetElapsedTime(Volatile.Read(ref _versionAt)) < options.ChangePoll
        && Volatile.Read(ref _version) >= 0;

    private async ValueTask<AliasLookup> LookUpAsync(string localPart, string domain, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        try
        {
            var queries = new RoutingQueries(connection);
            await CheckVersionAsync(queries, cancellationToken);
            var address = localPart + "@" + domain;
            var generation = Generation;
            if (_cache.Find(address, generation) is { } known)
            {
                return known;
            }

            var found = await new RoutingRules(queries, hostName).FindAsync(localPart, domain, cancellationToken);
            if (found.Outcome is not (AliasOutcome.Unknown or AliasOutcome.ForeignDomain) && address.Length <= LongestCached)
            {
                _cache.Add(address, found, generation);
            }

            return found;
        }
        catch (DbException failure)
        {
            throw new StorageException($"The database {database.Description} cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>A new generation begins when the version in the database is not the one the cached answers rest on.</summary>
    private async ValueTask CheckVersionAsync(RoutingQueries queries, CancellationToken cancellationToken)
    {
        if (IsVersionFresh)
        {
            return;
        }

        // Taken before the read: a change announced during it is looked at again the next time.
        var announced = changes.Generation;
        var now = time.GetTimestamp();
        var version = await queries.VersionAsync(cancellationToken);
        if (Interlocked.Exchange(ref _version, version) != version)
        {
            Interlocked.Increment(ref _generation);
        }

        Volatile.Write(ref _versionAt, now);
        Volatile.Write(ref _announced, announced);
    }
}
