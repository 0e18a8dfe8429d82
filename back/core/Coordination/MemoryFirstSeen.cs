using System.Collections.Concurrent;

namespace Smtpy.Core.Coordination;

/// <summary>Remembers in this process alone.</summary>
public sealed class MemoryFirstSeen(TimeProvider time) : IFirstSeen
{
    /// <summary>Things remembered; when full, those whose time is over go, then all: a flood. About 20 MB.</summary>
    private const int Most = 100_000;

    private readonly ConcurrentDictionary<string, Sight> _seen = new(StringComparer.Ordinal);

    public ValueTask<DateTimeOffset> FirstSeenAsync(string what, TimeSpan kept, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_seen.TryGetValue(what, out var known) && known.Until > now)
        {
            return ValueTask.FromResult(known.First);
        }

        if (_seen.Count >= Most)
        {
            Shrink(now);
        }

        _seen[what] = new Sight(now, now + kept);
        return ValueTask.FromResult(now);
    }

    public ValueTask KeepAsync(string what, TimeSpan kept, CancellationToken cancellationToken)
    {
        if (_seen.TryGetValue(what, out var known))
        {
            _seen[what] = known with { Until = time.GetUtcNow() + kept };
        }

        return ValueTask.CompletedTask;
    }

    private void Shrink(DateTimeOffset now)
    {
        foreach (var (what, sight) in _seen)
        {
            if (sight.Until <= now)
            {
                _seen.TryRemove(what, out _);
            }
        }

        if (_seen.Count >= Most)
        {
            _seen.Clear();
        }
    }

    private readonly record struct Sight(DateTimeOffset First, DateTimeOffset Until);
}
