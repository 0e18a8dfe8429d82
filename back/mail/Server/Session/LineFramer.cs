using System.Buffers;
using Smtpy.Mail.Server.Commands;

namespace Smtpy.Mail.Server.Session;

public enum LineStatus
{
    /// <summary>No whole line yet; what was taken from the buffer is gone, the rest is wanted again with more behind it.</summary>
    Incomplete,

    Line,

    /// <summary>A line longer than the limit has ended; its octets were discarded as they came.</summary>
    TooLong,

    /// <summary>A line that ends with LF alone.</summary>
    BareLineFeed,
}

/// <summary>
/// Cuts command lines out of the octets received. Holds no octets itself, and never asks its caller to hold more than the
/// limit: a longer line is dropped piece by piece up to its end.
/// </summary>
/// <param name="limit">Octets of a line, CRLF included.</param>
public struct LineFramer(int limit)
{
    private bool _discarding;

    /// <summary>
    /// Whether the last line that was too long began with BDAT: what follows it is a chunk whose size nobody knows, not commands.
    /// </summary>
    public bool DroppedChunk { get; private set; }

    /// <param name="buffer">Octets received and not yet used; what was used is cut off.</param>
    /// <param name="line">The line without its line end, valid as long as the buffer is.</param>
    public LineStatus Read(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        line = default;
        if (buffer.IsEmpty)
        {
            return LineStatus.Incomplete;
        }

        var lineFeed = Find(buffer);
        if (_discarding || lineFeed < 0 || lineFeed >= limit)
        {
            return Discard(ref buffer, lineFeed);
        }

        var whole = buffer.Slice(0, lineFeed);
        buffer = buffer.Slice(lineFeed + 1);
        if (lineFeed == 0 || LastOctet(whole) != (byte)'\r')
        {
            return LineStatus.BareLineFeed;
        }

        line = whole.Slice(0, lineFeed - 1);
        return LineStatus.Line;
    }

    private LineStatus Discard(ref ReadOnlySequence<byte> buffer, long lineFeed)
    {
        if (!_discarding && (lineFeed >= 0 || buffer.Length >= limit))
        {
            DroppedChunk = CommandGrammar.IsChunk(buffer.Slice(0, Math.Min(4, buffer.Length)).ToArray());
        }

        if (lineFeed >= 0)
        {
            _discarding = false;
            buffer = buffer.Slice(lineFeed + 1);
            return LineStatus.TooLong;
        }

        if (_discarding || buffer.Length >= limit)
        {
            _discarding = true;
            buffer = buffer.Slice(buffer.End);
        }

        return LineStatus.Incomplete;
    }

    private static long Find(in ReadOnlySequence<byte> buffer)
    {
        var first = buffer.FirstSpan.IndexOf((byte)'\n');
        if (first >= 0 || buffer.IsSingleSegment)
        {
            return first;
        }

        var position = buffer.PositionOf((byte)'\n');
        return position is null ? -1 : buffer.Slice(0, position.Value).Length;
    }

    private static byte LastOctet(in ReadOnlySequence<byte> text) =>
        text.IsSingleSegment ? text.FirstSpan[^1] : text.Slice(text.Length - 1).FirstSpan[0];
}
