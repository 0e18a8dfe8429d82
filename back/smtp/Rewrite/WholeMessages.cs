using System.Threading.RateLimiting;

namespace Smtpy.Smtp.Rewrite;

/// <summary>
/// Room for messages that are in memory as a whole, because a banner, encryption or the search for traces needs their body. What does not
/// fit waits its turn: strangers decide how large the mail is that they send at once, and the process must not end by it.
/// </summary>
public sealed class WholeMessages(RewriteOptions options) : IDisposable
{
    /// <summary>Room is counted in these: a limiter's permits are 32-bit numbers.</summary>
    private const int Unit = 64 * 1024;

    private readonly ConcurrencyLimiter _room = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = Units(options.WholeMessageOctets),
        QueueLimit = int.MaxValue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    /// <param name="octets">Of the stored message. Small ones never wait.</param>
    internal async ValueTask<Room> EnterAsync(long octets, CancellationToken cancellationToken) => octets <= options.SmallMessageOctets
        ? new Room(null)
        : new Room(await _room.AcquireAsync(Units(Math.Min(octets, options.WholeMessageOctets)), cancellationToken));

    public void Dispose() => _room.Dispose();

    private static int Units(long octets) => (int)Math.Max(1, octets / Unit);

    /// <summary>What a message has taken. Given back by disposing, unless it was handed on.</summary>
    internal sealed class Room(IDisposable? lease) : IDisposable
    {
        private IDisposable? _lease = lease;

        public IDisposable? HandOn() => Interlocked.Exchange(ref _lease, null);

        public void Dispose() => HandOn()?.Dispose();
    }
}
