namespace Smtpy.Mail.Dkim;

/// <summary>
/// The relaxed body canonicalisation (RFC 6376 section 3.4.4): white space within a line becomes one space, none stays at its end, and
/// no empty line at the end of the body; what is left ends with a line end, and an empty body stays empty.
/// </summary>
internal sealed class RelaxedBody(CanonicalBody output) : IBodyCanonicalizer
{
    private const byte Space = (byte)' ';
    private const byte Tab = (byte)'\t';
    private const byte Return = (byte)'\r';

    private long _lineEnds;
    private bool _return;
    private bool _space;

    public void Append(ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            if (_return)
            {
                _return = false;
                if (octets[0] == (byte)'\n')
                {
                    _space = false;
                    _lineEnds++;
                    octets = octets[1..];
                    continue;
                }

                WriteText("\r"u8);
            }

            var end = octets.IndexOf(Return);
            AppendWithinLine(end < 0 ? octets : octets[..end]);
            _return = end >= 0;
            octets = end < 0 ? [] : octets[(end + 1)..];
        }
    }

    public void Finish()
    {
        if (_return)
        {
            WriteText("\r"u8);
        }

        if (output.Length > 0)
        {
            output.Write("\r\n"u8);
        }
    }

    private void AppendWithinLine(ReadOnlySpan<byte> octets)
    {
        if (octets.IsEmpty)
        {
            return;
        }

        var text = octets.TrimStart(" \t"u8);
        _space |= text.Length < octets.Length;
        if (!text.IsEmpty)
        {
            octets = text;
            text = text.TrimEnd(" \t"u8);
            WriteText(text);
            _space = text.Length < octets.Length;
        }
    }

    private void WriteText(ReadOnlySpan<byte> text)
    {
        output.WriteLineEnds(_lineEnds);
        _lineEnds = 0;
        if (_space)
        {
            output.Write(" "u8);
            _space = false;
        }

        // Most lines need no change, and these two searches are much faster than going from word to word.
        if (text.Contains(Tab) || text.IndexOf("  "u8) >= 0)
        {
            WriteWords(text);
        }
        else
        {
            output.Write(text);
        }
    }

    private void WriteWords(ReadOnlySpan<byte> text)
    {
        for (var end = text.IndexOfAny(Space, Tab); end >= 0; end = text.IndexOfAny(Space, Tab))
        {
            output.Write(text[..end]);
            output.Write(" "u8);
            text = text[end..].TrimStart(" \t"u8);
        }

        output.Write(text);
    }
}
