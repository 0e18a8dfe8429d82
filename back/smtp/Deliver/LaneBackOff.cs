namespace Smtpy.Smtp.Deliver;

/// <summary>
/// How long a destination that cannot be reached is left alone, whatever waits for it. Shorter than a message's own
/// schedule: one connection is a cheap question, and the answer serves every message in the lane.
/// </summary>
internal static class LaneBackOff
{
    private static readonly TimeSpan[] Steps =
    [
        TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(30),
    ];

    /// <param name="failures">Failures in a row, at least 1.</param>
    /// <param name="random">0 … 1; a half of the step is fixed, the other half random.</param>
    public static TimeSpan After(int failures, double random) => Steps[Math.Min(failures, Steps.Length) - 1] * (0.5 + (random / 2));
}
