namespace Smtpy.Smtp.Deliver;

/// <summary>
/// How long a destination that cannot be reached is left alone, whatever waits for it. Shorter than a message's own
/// schedule: one connection is a cheap question, and the answer serves every message in the lane.
/// </summary>
public static class LaneBackOff
{
    private static readonly TimeSpan[] Steps =
    [
        TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(30),
    ];

    /// <summary>No wait is shorter. 10 s: full jitter may draw next to nothing, and would then hammer the peer.</summary>
    private static readonly TimeSpan Floor = TimeSpan.FromSeconds(10);

    /// <summary>Full jitter between the floor and the step, so that senders which failed together, our own replicas too, do not come back together.</summary>
    /// <param name="failures">Failures in a row, at least 1.</param>
    /// <param name="random">0 … 1.</param>
    public static TimeSpan After(int failures, double random) => Floor + ((Steps[Math.Min(failures, Steps.Length) - 1] - Floor) * random);
}
