using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Smtpy.Core.Coordination;

/// <summary>Counts in this process alone.</summary>
public sealed class MemoryRateCounter(TimeProvider time) : IRateCounter
{
    /// <summary>Callers counted in a minute; more can only be a flood of addresses, and then all begin anew. About 20 MB.</summary>
    private const int MostCallers = 100_000;

    private Minute _current = new(-1);

    public ValueTask<RateCount> CountAsync(string who, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (number, left) = Position(now);
        var minute = _current;
        if (minute.Number != number || minute.Counts.Count >= MostCallers)
        {
            // Where two turn it at once, one's count of a single request is lost.
            _current = minute = new Minute(number);
        }

        var count = Interlocked.Increment(ref minute.Counts.GetOrAdd(who, static _ => new StrongBox<long>()).Value);
        return ValueTask.FromResult(new RateCount(count, left));
    }

    /// <summary>Number of the minute since 1970, and how much of it is left.</summary>
    internal static (long Number, TimeSpan Left) Position(DateTimeOffset now)
    {
        var number = now.ToUnixTimeSeconds() / 60;
        return (number, DateTimeOffset.FromUnixTimeSeconds((number + 1) * 60) - now);
    }

    private sealed record Minute(long Number)
    {
        public ConcurrentDictionary<string, StrongBox<long>> Counts { get; } = new();
    }
}
