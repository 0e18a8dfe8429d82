using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Smtpy.Core.Coordination;

/// <summary>Counts in this process alone.</summary>
public sealed class MemoryRateCounter(TimeProvider time) : IRateCounter
{
    /// <summary>Callers counted in one window; more can only be a flood of addresses, and then all begin anew. About 20 MB.</summary>
    private const int MostCallers = 100_000;

    private readonly ConcurrentDictionary<TimeSpan, Window> _current = new();

    public ValueTask<RateCount> CountAsync(string who, TimeSpan window, CancellationToken cancellationToken)
    {
        var (number, left) = Position(time.GetUtcNow(), window);
        if (!_current.TryGetValue(window, out var current) || current.Number != number || current.Counts.Count >= MostCallers)
        {
            // Where two turn it at once, one's count of a single request is lost.
            _current[window] = current = new Window(number);
        }

        var count = Interlocked.Increment(ref current.Counts.GetOrAdd(who, static _ => new StrongBox<long>()).Value);
        return ValueTask.FromResult(new RateCount(count, left));
    }

    /// <summary>Number of the window since 1970, and how much of it is left.</summary>
    internal static (long Number, TimeSpan Left) Position(DateTimeOffset now, TimeSpan window)
    {
        var seconds = (long)window.TotalSeconds;
        var number = now.ToUnixTimeSeconds() / seconds;
        return (number, DateTimeOffset.FromUnixTimeSeconds((number + 1) * seconds) - now);
    }

    private sealed record Window(long Number)
    {
        public ConcurrentDictionary<string, StrongBox<long>> Counts { get; } = new();
    }
}
