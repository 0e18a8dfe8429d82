using System.Collections.Concurrent;

namespace Smtpy.Core.Storage;

/// <summary>
/// Answers by key. Bounded: the oldest go first. An answer carries the generation it was looked up in and is only ever given in that
/// one, so a slow lookup cannot put a stale answer back after a change.
/// </summary>
internal sealed class LookupCache<TKey, T>(int capacity, IEqualityComparer<TKey>? comparer = null)
    where TKey : notnull
    where T : class
{
    private readonly ConcurrentDictionary<TKey, Entry> _entries = new(comparer);
    private readonly ConcurrentQueue<TKey> _order = new();

    /// <summary>Counted here: the dictionary takes all of its locks to count, which was a tenth of a message's work.</summary>
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public T? Find(TKey key, long generation) =>
        _entries.TryGetValue(key, out var entry) && entry.Generation == generation ? entry.Answer : null;

    /// <summary>By what stands for a key, such as a span for a string, so that no key is made for an answer that is there.</summary>
    public T? FindLike<TLike>(TLike key, long generation)
        where TLike : notnull, allows ref struct =>
        _entries.GetAlternateLookup<TLike>().TryGetValue(key, out var entry) && entry.Generation == generation ? entry.Answer : null;

    public void Add(TKey key, T answer, long generation)
    {
        if (_entries.TryAdd(key, new Entry(answer, generation)))
        {
            _order.Enqueue(key);
            Interlocked.Increment(ref _count);
        }
        else
        {
            _entries[key] = new Entry(answer, generation);
        }

        while (Count > capacity && _order.TryDequeue(out var oldest))
        {
            _entries.TryRemove(oldest, out _);
            Interlocked.Decrement(ref _count);
        }
    }

    private readonly record struct Entry(T Answer, long Generation);
}
