using System.Collections.Concurrent;

namespace Smtpy.Core.Aliases;

/// <summary>
/// Answers by address, any case. Bounded: the oldest go first. An answer carries the generation it was looked up in and is
/// only ever given in that one, so a slow lookup cannot put a stale answer back after a change.
/// </summary>
internal sealed class AliasCache(int capacity)
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentQueue<string> _order = new();

    public int Count => _entries.Count;

    public AliasLookup? Find(ReadOnlySpan<char> address, long generation) =>
        _entries.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(address, out var entry) && entry.Generation == generation
            ? entry.Lookup
            : null;

    public void Add(string address, AliasLookup lookup, long generation)
    {
        if (_entries.TryAdd(address, new Entry(lookup, generation)))
        {
            _order.Enqueue(address);
        }
        else
        {
            _entries[address] = new Entry(lookup, generation);
        }

        while (_entries.Count > capacity && _order.TryDequeue(out var oldest))
        {
            _entries.TryRemove(oldest, out _);
        }
    }

    private readonly record struct Entry(AliasLookup Lookup, long Generation);
}
