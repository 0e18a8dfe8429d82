namespace Smtpy.Mail.Client;

/// <summary>
/// Finds, in a message that comes in any pieces, where a dot must be doubled (RFC 5321 section 4.5.2), and refuses a bare CR
/// or LF: a peer that takes one for a line end could be made to see a second message (SMTP smuggling).
/// </summary>
public sealed class DotStuffer
{
    private bool _midLine;
    private bool _afterCr;
    private bool _doubled;

    /// <summary>True before the first octet and after each CRLF.</summary>
    public bool AtLineStart => !_midLine && !_afterCr;

    /// <summary>True when the last octet was a CR whose LF has not come yet.</summary>
    public bool AfterCr => _afterCr;

    /// <summary>
    /// Number of octets that go out as they are. Fewer than given: a further dot goes out after them, then the scan goes on
    /// with the rest. −1: there is a bare CR or LF.
    /// </summary>
    public int Take(ReadOnlySpan<byte> octets)
    {
        var at = 0;
        if (_afterCr && !octets.IsEmpty)
        {
            if (octets[0] != '\n')
            {
                return -1;
            }

            at = 1;
            _afterCr = false;
            _midLine = false;
        }

        while (at < octets.Length)
        {
            if (!_midLine && octets[at] == '.' && !_doubled)
            {
                _doubled = true;
                return at;
            }

            _midLine = true;
            _doubled = false;
            var end = octets[at..].IndexOfAny((byte)'\r', (byte)'\n');
            if (end < 0)
            {
                return octets.Length;
            }

            at += end + 1;
            if (octets[at - 1] == '\n' || (at < octets.Length && octets[at] != '\n'))
            {
                return -1;
            }

            _afterCr = at == octets.Length;
            _midLine = _afterCr;
            at++;
        }

        return octets.Length;
    }
}
