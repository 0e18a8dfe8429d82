using Smtpy.Mail.Client;

namespace Smtpy.Smtp.Deliver;

/// <summary>What waits for one destination, and who works on it. Everything here but <see cref="Took"/> is guarded by the lock of its <see cref="LaneBoard"/>.</summary>
internal sealed class Lane(LaneKey key, IDestination destination, int maxWorkers)
{
    public LaneKey Key => key;

    public IDestination Destination => destination;

    /// <summary>
    /// A message waits this long for a session that is at work rather than wake one that is idle, or open another: waking a thread for each
    /// costs more than sending does. 50 ms: nobody notices, and a destination that takes longer for each message has them all at once.
    /// Where the session takes longer this time than it did lately, the next sweep of the board helps.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    /// <summary>Of a message on the way to the average; the eight last make most of it.</summary>
    private const double Weight = 1.0 / 8;

    private double _averageTicks = double.PositiveInfinity;

    public Queue<OutboundJob> Waiting { get; } = new();

    public int Workers { get; set; }

    /// <summary>Workers that have a session open.</summary>
    public int Connected { get; set; }

    /// <summary>Of those, how many wait for a message.</summary>
    public int Idle { get; set; }

    /// <summary>One more that waits comes to its turn within <see cref="Patience"/>, by what messages took lately.</summary>
    public bool IsQuickEnough => Connected > Idle
        && (Waiting.Count + 1) * Volatile.Read(ref _averageTicks) <= Patience.Ticks * (double)(Connected - Idle);

    /// <summary>Waits for a connection to become free anywhere.</summary>
    public bool IsStarving { get; set; }

    /// <summary>Failures in a row to reach the destination.</summary>
    public int Failures { get; set; }

    /// <summary>Until then nothing is tried.</summary>
    public DateTimeOffset BlockedUntil { get; set; }

    private PeerReply BlockedBy { get; set; }

    private string BlockedAt { get; set; } = "";

    public LaneBlock Blocked => new(BlockedBy, BlockedAt, BlockedUntil, Failures);

    /// <summary>
    /// Connections the destination takes at a time: lowered when it refuses one while others work, and restored after a while.
    /// </summary>
    public int Limit { get; set; } = maxWorkers;

    public int MaxWorkers { get; } = maxWorkers;

    public DateTimeOffset LimitedUntil { get; set; }

    /// <summary>After a failure one worker finds out for all.</summary>
    public int AllowedWorkers => Failures > 0 ? 1 : Limit;

    public void Block(TimeSpan time, DateTimeOffset now, PeerReply reply, string host) =>
        (BlockedUntil, BlockedBy, BlockedAt) = (now + time, reply, host);

    /// <summary>A message took this long. Without the lock: of two at once one may be forgotten.</summary>
    public void Took(TimeSpan time)
    {
        var average = _averageTicks;
        Volatile.Write(ref _averageTicks, double.IsFinite(average) ? average + ((time.Ticks - average) * Weight) : time.Ticks);
    }

    public void LiftLimit() => Limit = MaxWorkers;
}
