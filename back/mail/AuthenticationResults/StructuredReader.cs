using System.Buffers;
using System.Text;

namespace Smtpy.Mail.AuthenticationResults;

/// <summary>Reads a structured header field's value piece by piece (RFC 5322 section 3.2); line ends are white space. Never fails, never goes back.</summary>
internal ref struct StructuredReader(ReadOnlySpan<byte> value)
{
    // RFC 2045 section 5.1, with octets above 127 (RFC 6532).
    private static readonly SearchValues<byte> NoToken = SearchValues.Create(
        [.. Enumerable.Range(0, 33).Select(octet => (byte)octet), 127, .. "()<>@,;:\\\"/[]?="u8]);

    private ReadOnlySpan<byte> _rest = value;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>A comment or a quoted string had no end: what follows it in the sender's mind cannot be known.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Passes over white space and comments, nested ones too.</summary>
    public void SkipCfws()
    {
        while (true)
        {
            _rest = _rest.TrimStart(" \t\r\n"u8);
            if (_rest.IsEmpty || _rest[0] != (byte)'(')
            {
                return;
            }

            SkipComment();
        }
    }

    public bool TryTake(char octet)
    {
        SkipCfws();
        if (_rest.IsEmpty || _rest[0] != (byte)octet)
        {
            return false;
        }

        _rest = _rest[1..];
        return true;
    }

    /// <summary>A token (RFC 2045 section 5.1); empty where there is none.</summary>
    public string Token() => Token(more: []);

    /// <summary>A quoted string or a token, which may also hold octets that only a lenient reader takes; empty where there is none.</summary>
    public string Value(ReadOnlySpan<byte> more)
    {
        SkipCfws();
        return !_rest.IsEmpty && _rest[0] == (byte)'"' ? QuotedString() : Token(more);
    }

    /// <summary>Passes over everything before the next semicolon that is not in a comment or a quoted string.</summary>
    public void SkipToSemicolon()
    {
        for (SkipCfws(); !_rest.IsEmpty && _rest[0] != (byte)';'; SkipCfws())
        {
            if (_rest[0] == (byte)'"')
            {
                QuotedString();
            }
            else
            {
                _rest = _rest[1..];
            }
        }
    }

    private string Token(ReadOnlySpan<byte> more)
    {
        SkipCfws();
        var length = 0;
        while (length < _rest.Length && (!NoToken.Contains(_rest[length]) || more.Contains(_rest[length])))
        {
            length++;
        }

        var token = Encoding.UTF8.GetString(_rest[..length]);
        _rest = _rest[length..];
        return token;
    }

    private string QuotedString()
    {
        var text = new List<byte>();
        for (var at = 1; at < _rest.Length; at++)
        {
            switch (_rest[at])
            {
                case (byte)'"':
                    _rest = _rest[(at + 1)..];
                    return Encoding.UTF8.GetString([.. text]);
                case (byte)'\\' when at + 1 < _rest.Length:
                    text.Add(_rest[++at]);
                    break;
                case (byte)'\r' or (byte)'\n':
                    break;
                default:
                    text.Add(_rest[at]);
                    break;
            }
        }

        IsBroken = true;
        _rest = [];
        return Encoding.UTF8.GetString([.. text]);
    }

    private void SkipComment()
    {
        var depth = 0;
        for (var at = 0; at < _rest.Length; at++)
        {
            switch (_rest[at])
            {
                case (byte)'\\':
                    at++;
                    break;
                case (byte)'(':
                    depth++;
                    break;
                case (byte)')' when --depth == 0:
                    _rest = _rest[(at + 1)..];
                    return;
            }
        }

        IsBroken = true;
        _rest = [];
    }
}
