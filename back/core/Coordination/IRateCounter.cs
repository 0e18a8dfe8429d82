namespace Smtpy.Core.Coordination;

/// <summary>
/// Counts what somebody does in the current window of the clock, a minute or a day (UTC), for all processes together where they can be
/// reached.
/// </summary>
public interface IRateCounter
{
    /// <summary>Counts one more. Never fails: what cannot be shared is counted in this process.</summary>
    /// <param name="who">Of one window only.</param>
    /// <param name="window">Whole seconds; windows follow one another from 1970-01-01 on.</param>
    ValueTask<RateCount> CountAsync(string who, TimeSpan window, CancellationToken cancellationToken);
}

/// <param name="Count">This window's, with this one.</param>
/// <param name="Left">Until the window ends.</param>
public readonly record struct RateCount(long Count, TimeSpan Left);

public static class RateCounting
{
    /// <summary>Counts one more in this minute.</summary>
    public static ValueTask<RateCount> CountAsync(this IRateCounter counter, string who, CancellationToken cancellationToken) =>
        counter.CountAsync(who, TimeSpan.FromMinutes(1), cancellationToken);
}
