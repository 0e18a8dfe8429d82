namespace Smtpy.Smtp.Deliver;

/// <summary>When a deferred delivery is tried again. Pure: the same input gives the same time.</summary>
public sealed record RetrySchedule
{
    /// <summary>Upper bounds of the wait after the first, second … attempt; the last one repeats.</summary>
    public IReadOnlyList<TimeSpan> Steps { get; init; } =
    [
        TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(1), TimeSpan.FromHours(2), TimeSpan.FromHours(4),
    ];

    /// <summary>No wait is shorter, unless its step is. 30 s: full jitter may draw next to nothing, and would then hammer the peer.</summary>
    public TimeSpan Floor { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Given up this long after the message was received. 5 days: RFC 5321 section 4.5.4.1.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromDays(5);

    /// <summary>
    /// Full jitter between the floor and the step: messages that were deferred together do not come back together, which
    /// is what an overloaded peer needs most.
    /// </summary>
    /// <param name="attempts">Attempts that have ended, the last one included; at least 1.</param>
    /// <param name="random">0 … 1.</param>
    /// <returns>
    /// When to try again; null: time is up. The last try falls on the end of the time, not after it; but each step is tried once
    /// before anything is given up, so that a clock set forward, or a server that was off for a week, gives up nothing.
    /// </returns>
    public DateTimeOffset? Next(int attempts, DateTimeOffset receivedAt, DateTimeOffset now, double random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempts, 1);
        var end = receivedAt + GiveUpAfter;
        if (IsUp(attempts, receivedAt, now))
        {
            return null;
        }

        var next = now + Wait(attempts, random);
        return next < end || now >= end ? next : end;
    }

    /// <summary>Time is up, and each step of the schedule was tried.</summary>
    public bool IsUp(int attempts, DateTimeOffset receivedAt, DateTimeOffset now) => now >= receivedAt + GiveUpAfter && attempts >= Steps.Count;

    private TimeSpan Wait(int attempts, double random)
    {
        var step = Steps[Math.Min(attempts, Steps.Count) - 1];
        var floor = step < Floor ? step : Floor;
        return floor + ((step - floor) * random);
    }
}
