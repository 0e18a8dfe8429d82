using Smtpy.Mail.Client;

namespace Smtpy.Smtp.Deliver;

/// <summary>What waits for one destination, and who works on it. Everything here is guarded by the lock of its <see cref="LaneBoard"/>.</summary>
internal sealed class Lane(LaneKey key, IDestination destination, int maxWorkers)
{
    public LaneKey Key => key;

    public IDestination Destination => destination;

    public Queue<OutboundJob> Waiting { get; } = new();

    public int Workers { get; set; }

    /// <summary>Workers that have a session open.</summary>
    public int Connected { get; set; }

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

    public void LiftLimit() => Limit = MaxWorkers;
}
