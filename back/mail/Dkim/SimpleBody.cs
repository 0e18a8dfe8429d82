namespace Smtpy.Mail.Dkim;

/// <summary>
/// The simple body canonicalisation (RFC 6376 section 3.4.3): the empty lines at the end become one line end, and an empty body one.
/// A CR or LF alone is an octet like any other.
/// </summary>
internal sealed class SimpleBody(CanonicalBody output) : IBodyCanonicalizer
{
    private const byte Return = (byte)'\r';
    private const byte Feed = (byte)'\n';

    private long _lineEnds;
    private bool _return;

    public void Append(ReadOnlySpan<byte> octets)
    {
        var text = octets.LastIndexOfAnyExcept(Return, Feed) + 1;
        if (text > 0)
        {
            WritePending();
            output.Write(octets[..text]);
        }

        foreach (var octet in octets[text..])
        {
            AppendLineEnd(octet);
        }
    }

    public void Finish()
    {
        if (_return)
        {
            WritePending();
        }

        output.Write("\r\n"u8);
    }

    private void AppendLineEnd(byte octet)
    {
        if (octet == Feed && _return)
        {
            _return = false;
            _lineEnds++;
        }
        else if (octet == Feed)
        {
            WritePending();
            output.Write("\n"u8);
        }
        else
        {
            if (_return)
            {
                WritePending();
            }

            _return = true;
        }
    }

    private void WritePending()
    {
        output.WriteLineEnds(_lineEnds);
        _lineEnds = 0;
        if (_return)
        {
            output.Write("\r"u8);
            _return = false;
        }
    }
}
