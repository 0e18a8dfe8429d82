using System.Buffers;

namespace Smtpy.Mail.Server.Data;

/// <summary>
/// Reads the octets after DATA (RFC 5321 sections 4.1.1.4 and 4.5.2): takes away dot-stuffing and finds the end. Only
/// CRLF.CRLF ends a message, and a line of one dot at once. After a bad octet it goes on looking for the end, so that the
/// rest of the message is never taken for commands.
/// </summary>
public sealed class DataFramer : IOctetFramer
{
    internal static readonly SearchValues<byte> Special = SearchValues.Create("\r\n\0"u8);

    private State _state;

    private enum State : byte
    {
        LineStart,

        /// <summary>After a dot at the start of a line; the dot is held back.</summary>
        Dot,

        /// <summary>After a dot and a CR; both are held back.</summary>
        DotReturn,
        Text,
        Return,
    }

    public bool FoundBadOctet { get; private set; }

    public FramerStatus Read(ReadOnlySpan<byte> octets, IOctetTarget target, out int consumed)
    {
        ArgumentNullException.ThrowIfNull(target);
        var run = 0;
        var at = 0;
        while (at < octets.Length)
        {
            switch (_state)
            {
                case State.LineStart when octets[at] == (byte)'.':
                    target.Write(octets[run..at]);
                    run = ++at;
                    _state = State.Dot;
                    break;

                case State.Dot when octets[at] == (byte)'\r':
                    run = ++at;
                    _state = State.DotReturn;
                    break;

                case State.DotReturn when octets[at] == (byte)'\n':
                    consumed = at + 1;
                    _state = State.LineStart;
                    return FramerStatus.Complete;

                case State.DotReturn:
                    FoundBadOctet = true;
                    _state = State.Text;
                    break;

                case State.Return when octets[at] == (byte)'\n':
                    at++;
                    _state = State.LineStart;
                    break;

                case State.Return:
                    FoundBadOctet = true;
                    _state = State.Text;
                    break;

                default:
                    at = ReadText(octets, at);
                    break;
            }
        }

        target.Write(octets[run..]);
        consumed = octets.Length;
        return FoundBadOctet ? FramerStatus.BadOctet : FramerStatus.Reading;
    }

    /// <summary>Up to and including the CR of this line, or the LF where it is there too.</summary>
    private int ReadText(ReadOnlySpan<byte> octets, int at)
    {
        var special = octets[at..].IndexOfAny(Special);
        if (special < 0)
        {
            _state = State.Text;
            return octets.Length;
        }

        at += special;
        if (octets[at] != (byte)'\r')
        {
            FoundBadOctet = true;
            _state = State.Text;
            return at + 1;
        }

        if (at + 1 < octets.Length && octets[at + 1] == (byte)'\n')
        {
            _state = State.LineStart;
            return at + 2;
        }

        _state = State.Return;
        return at + 1;
    }
}
