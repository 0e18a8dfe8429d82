using System.Globalization;

namespace Smtpy.Tests.Support.Smtp;

/// <summary>What became of everything that was answered 250.</summary>
/// <param name="Accepted">Messages answered 250.</param>
/// <param name="Delivered">Of those, the ones that arrived.</param>
/// <param name="Duplicates">Arrivals beyond the first, of any message.</param>
/// <param name="Unacknowledged">Arrivals of messages whose sender never saw the 250: the cut came between commit and reply.</param>
/// <param name="Altered">Messages that arrived with another body than was sent.</param>
/// <param name="Lost">Message-IDs answered 250 that never arrived.</param>
public sealed record DeliveryAccount(
    int Accepted, int Delivered, int Duplicates, int Unacknowledged, IReadOnlyList<string> Altered, IReadOnlyList<string> Lost)
{
    /// <param name="accepted">Message-ID to body hash, for what was answered 250.</param>
    /// <param name="arrived">What the sink knows.</param>
    public static DeliveryAccount Settle(IReadOnlyDictionary<string, ulong> accepted, IReadOnlyDictionary<string, SinkEntry> arrived)
    {
        var lost = new List<string>();
        var altered = new List<string>();
        foreach (var (id, hash) in accepted)
        {
            if (!arrived.TryGetValue(id, out var entry))
            {
                lost.Add(id);
            }
            else if (entry.Altered || entry.BodyHash != hash)
            {
                altered.Add(id);
            }
        }

        return new DeliveryAccount(
            accepted.Count,
            accepted.Count - lost.Count,
            arrived.Values.Sum(entry => entry.Count - 1),
            arrived.Keys.Count(id => !accepted.ContainsKey(id)),
            altered,
            lost);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"accepted={Accepted} delivered={Delivered} duplicates={Duplicates} unacknowledged={Unacknowledged} altered={Altered.Count} lost={Lost.Count}");
}
