namespace Smtpy.Mail.Server.Data;

/// <summary>
/// Reads the chunks of one message sent with BDAT (RFC 3030 section 2). Chunks have no dot-stuffing and may break anywhere,
/// also between CR and LF; the same octets as with DATA are refused, since the message goes on to servers that have DATA only.
/// </summary>
public sealed class ChunkFramer : IOctetFramer
{
    private bool _afterReturn;
    private long _remaining;

    public bool FoundBadOctet { get; private set; }

    /// <param name="size">Octets of the next chunk.</param>
    public void Begin(long size) => _remaining = size;

    public FramerStatus Read(ReadOnlySpan<byte> octets, IOctetTarget target, out int consumed)
    {
        ArgumentNullException.ThrowIfNull(target);
        consumed = (int)Math.Min(octets.Length, _remaining);
        _remaining -= consumed;
        var chunk = octets[..consumed];
        target.Write(chunk);
        if (!FoundBadOctet)
        {
            Scan(chunk);
        }

        return _remaining == 0 ? FramerStatus.Complete : FoundBadOctet ? FramerStatus.BadOctet : FramerStatus.Reading;
    }

    /// <summary>The last chunk has ended: a CR at its end has no LF any more.</summary>
    public void End() => FoundBadOctet |= _afterReturn;

    private void Scan(ReadOnlySpan<byte> chunk)
    {
        while (!chunk.IsEmpty)
        {
            if (_afterReturn)
            {
                FoundBadOctet |= chunk[0] != (byte)'\n';
                _afterReturn = false;
                chunk = chunk[1..];
                continue;
            }

            var special = chunk.IndexOfAny(DataFramer.Special);
            if (special < 0)
            {
                return;
            }

            _afterReturn = chunk[special] == (byte)'\r';
            FoundBadOctet |= !_afterReturn;
            chunk = chunk[(special + 1)..];
        }
    }
}
