using Smtpy.Mail.Client;

namespace Smtpy.Smtp.Deliver;

internal enum PlacementKind
{
    Accepted = 0,

    /// <summary>The destination is left alone for now.</summary>
    Blocked = 1,

    Stopping = 2,
}

/// <summary>Where a message went; the rest is about Blocked.</summary>
internal readonly record struct Placement(PlacementKind Kind, LaneBlock Block)
{
    public static Placement Accepted => default;

    public static Placement Stopping => new(PlacementKind.Stopping, default);
}

/// <summary>A destination is left alone.</summary>
/// <param name="Reply">Why.</param>
/// <param name="Failures">How often in a row it was tried in vain.</param>
internal readonly record struct LaneBlock(PeerReply Reply, string RemoteHost, DateTimeOffset Until, int Failures);

/// <summary>What follows from an unreachable destination.</summary>
/// <param name="Requeued">The message waits again, for a worker that has a session.</param>
/// <param name="Waiting">What waited in the lane, now taken out of it.</param>
internal readonly record struct Setback(bool Requeued, IReadOnlyList<OutboundJob> Waiting, LaneBlock Block);
