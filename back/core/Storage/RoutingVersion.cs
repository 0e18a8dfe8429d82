using System.Data.Common;
using Smtpy.Core.Storage.Model;

namespace Smtpy.Core.Storage;

/// <summary>
/// Tells what rests on the database's routing version whether it still holds. A generation lasts until any process changes something
/// that decides where mail goes, how, or for whom; what was looked up in an earlier one is looked up again.
/// </summary>
/// <param name="poll">How often changes made by other processes are looked for.</param>
public sealed class RoutingVersion(IDatabase database, RoutingChanges changes, TimeSpan poll, TimeProvider time)
{
    private long _version = -1;
    private long _readAt;
    private long _generation;
    private long _announced;

    /// <summary>The generation, where it is known without asking the database.</summary>
    public bool TryGet(out long generation)
    {
        generation = Volatile.Read(ref _generation);
        return changes.Generation == Volatile.Read(ref _announced) && time.GetElapsedTime(Volatile.Read(ref _readAt)) < poll
            && Volatile.Read(ref _version) >= 0;
    }

    /// <summary>The generation as the database has it now. Asked before what is to be kept under it is read.</summary>
    /// <exception cref="DbException">The database cannot be read.</exception>
    public async ValueTask<long> ReadAsync(LookupSession session, CancellationToken cancellationToken)
    {
        if (TryGet(out var known))
        {
            return known;
        }

        // Taken before the read: a change announced during it is looked at again the next time.
        var announced = changes.Generation;
        var now = time.GetTimestamp();
        var version = (long)(await session.Command($"SELECT value FROM counters WHERE name = '{CounterRow.RoutingVersion}'")
            .ExecuteScalarAsync(cancellationToken) ?? 0L);
        if (Interlocked.Exchange(ref _version, version) != version)
        {
            Interlocked.Increment(ref _generation);
        }

        Volatile.Write(ref _readAt, now);
        Volatile.Write(ref _announced, announced);
        return Volatile.Read(ref _generation);
    }

    /// <summary>Runs a lookup on a connection of its own, under the generation it belongs to.</summary>
    /// <exception cref="StorageException">The database cannot be read.</exception>
    public async ValueTask<T> LookUpAsync<T>(
        Func<LookupSession, long, CancellationToken, ValueTask<T>> lookUp, CancellationToken cancellationToken)
    {
        await using var session = await database.OpenLookupAsync(cancellationToken);
        try
        {
            return await lookUp(session, await ReadAsync(session, cancellationToken), cancellationToken);
        }
        catch (DbException failure)
        {
            session.Break();
            throw new StorageException($"The database {database.Description} cannot be read: {failure.Message}", failure);
        }
    }
}
