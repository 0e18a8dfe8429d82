namespace Smtpy.Core.Coordination;

/// <summary>Counts what somebody does in the current minute of the clock, for all processes together where they can be reached.</summary>
public interface IRateCounter
{
    /// <summary>Counts one more. Never fails: what cannot be shared is counted in this process.</summary>
    ValueTask<RateCount> CountAsync(string who, CancellationToken cancellationToken);
}

/// <param name="Count">This minute's, with this one.</param>
/// <param name="Left">Until the minute ends.</param>
public readonly record struct RateCount(long Count, TimeSpan Left);
