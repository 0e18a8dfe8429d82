using System.Collections.Concurrent;

namespace Smtpy.Core.Storage.Sqlite;

/// <summary>
/// Open sessions for lookups, kept with their prepared statements. The library's own pool forgets those, and sets each connection up
/// anew whenever it is taken.
/// </summary>
internal sealed class SqliteLookups(SqliteDatabase database)
{
    /// <summary>A lookup runs to its end on the thread that asks, so more are never in use than threads run; each caches up to 2 MiB of pages.</summary>
    private static readonly int Kept = Math.Max(2, Environment.ProcessorCount);
    private readonly ConcurrentStack<LookupSession> _idle = new();
    private int _count;

    /// <exception cref="StorageException">The database cannot be opened.</exception>
    public async ValueTask<LookupSession> TakeAsync(CancellationToken cancellationToken)
    {
        if (_idle.TryPop(out var session))
        {
            Interlocked.Decrement(ref _count);
            return session;
        }

        return new LookupSession(await database.OpenAsync(cancellationToken), GiveBack);
    }

    private void GiveBack(LookupSession session)
    {
        if (Interlocked.Increment(ref _count) <= Kept)
        {
            _idle.Push(session);
            return;
        }

        Interlocked.Decrement(ref _count);
        session.Close();
    }
}
