using Smtpy.Mail.Messages;

namespace Smtpy.Smtp.Deliver;

/// <summary>What waiting messages may take of memory. Not a reservation: callers that ask at the same time may overshoot by one message each.</summary>
internal sealed class MemoryBudget(long maxOctets, int maxMessages)
{
    /// <summary>A message read from the store holds one part at a time; parts are at most about this long.</summary>
    private const long PartOctets = 1024 * 1024;

    private long _octets;
    private int _messages;

    public long Octets => Volatile.Read(ref _octets);

    public int Messages => Volatile.Read(ref _messages);

    public int FreeMessages => Octets >= maxOctets ? 0 : Math.Max(0, maxMessages - Messages);

    public bool HasRoom(long size) => Messages < maxMessages && Octets + size <= maxOctets;

    /// <returns>What <see cref="Free"/> must be given back.</returns>
    public long Take(OutboundMessage message)
    {
        var content = message.Content is InMemoryContent ? message.Content.Length : Math.Min(message.Content.Length, PartOctets);
        var cost = content;
        Interlocked.Add(ref _octets, cost);
        Interlocked.Increment(ref _messages);
        return cost;
    }

    public void Free(long cost)
    {
        Interlocked.Add(ref _octets, -cost);
        Interlocked.Decrement(ref _messages);
    }
}
