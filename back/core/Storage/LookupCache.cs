using System.Numerics;

namespace Smtpy.Core.Storage;

/// <summary>
/// Answers by key. Bounded: the oldest go first. An answer carries the generation it was looked up in and is only ever given in that
/// one, so a slow lookup cannot put a stale answer back after a change.
/// </summary>
/// <remarks>
/// Divided into shards by the key's hash, each with a lock that is held for a moment. Their tables stay small: one large table would leave
/// a larger and larger one behind each time it grew, among the large objects, whose room is not put together again.
/// </remarks>
internal sealed class LookupCache<TKey, T>
    where TKey : notnull
    where T : class
{
    // So that the last few hundred keys are held whatever their hashes are.
    private const int SmallestShard = 256;

    private const int MostShards = 64;

    private readonly IEqualityComparer<TKey> _comparer;
    private readonly Shard[] _shards;

    public LookupCache(int capacity, IEqualityComparer<TKey>? comparer = null)
    {
        var shards = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(capacity / SmallestShard, 1, MostShards));
        _comparer = comparer ?? EqualityComparer<TKey>.Default;
        _shards = new Shard[shards];
        for (var i = 0; i < shards; i++)
        {
            _shards[i] = new Shard(Math.Max(1, capacity / shards), comparer);
        }
    }

    public int Count => _shards.Sum(static shard => shard.Count);

    public T? Find(TKey key, long generation) => ShardOf(_comparer.GetHashCode(key)).Find(key, generation);

    /// <summary>By what stands for a key, such as a span for a string, so that no key is made for an answer that is there.</summary>
    public T? FindLike<TLike>(TLike key, long generation)
        where TLike : notnull, allows ref struct =>
        ShardOf(((IAlternateEqualityComparer<TLike, TKey>)_comparer).GetHashCode(key)).FindLike(key, generation);

    public void Add(TKey key, T answer, long generation) => ShardOf(_comparer.GetHashCode(key)).Add(key, answer, generation);

    // By the upper bits of a product: the table in the shard takes its buckets by the hash itself.
    private Shard ShardOf(int hash) => _shards[((uint)hash * 2654435769u >> 20) & (uint)(_shards.Length - 1)];

    private readonly record struct Entry(T Answer, long Generation);

    private sealed class Shard(int capacity, IEqualityComparer<TKey>? comparer)
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<TKey, Entry> _entries = new(comparer);
        private readonly Queue<TKey> _order = new();

        public int Count
        {
            get
            {
                lock (_lock)
                {
                    return _entries.Count;
                }
            }
        }

        public T? Find(TKey key, long generation)
        {
            lock (_lock)
            {
                return _entries.TryGetValue(key, out var entry) && entry.Generation == generation ? entry.Answer : null;
            }
        }

        public T? FindLike<TLike>(TLike key, long generation)
            where TLike : notnull, allows ref struct
        {
            lock (_lock)
            {
                return _entries.GetAlternateLookup<TLike>().TryGetValue(key, out var entry) && entry.Generation == generation ? entry.Answer : null;
            }
        }

        public void Add(TKey key, T answer, long generation)
        {
            lock (_lock)
            {
                if (!_entries.TryAdd(key, new Entry(answer, generation)))
                {
                    _entries[key] = new Entry(answer, generation);
                    return;
                }

                _order.Enqueue(key);
                if (_entries.Count > capacity)
                {
                    _entries.Remove(_order.Dequeue());
                }
            }
        }
    }
}
