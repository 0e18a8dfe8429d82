using System.Text;

namespace Smtpy.Mail.Client;

/// <summary>
/// Takes a reply (RFC 5321 section 4.2) in any pieces, without I/O. Bounded whatever the peer sends: a reply has at most
/// <see cref="MaxLines"/> lines and <see cref="MaxOctets"/> octets, and text beyond <see cref="MaxText"/> octets is dropped.
/// </summary>
public sealed class ReplyParser
{
    public const int MaxLines = 200;
    public const int MaxOctets = 64 * 1024;
    public const int MaxText = 4096;
    private const int MaxShownText = 1000;

    private readonly byte[] _line = new byte[1024];
    private readonly byte[] _text = new byte[MaxText];
    private int _lineLength;
    private int _textLength;
    private int _lines;
    private int _octets;

    /// <summary>Code of the last complete reply.</summary>
    public int Code { get; private set; }

    /// <summary>True when the last <see cref="Feed"/> ended a reply; the next call begins another.</summary>
    public bool IsComplete { get; private set; }

    /// <returns>Octets used; fewer than given only when the reply is complete.</returns>
    /// <exception cref="InvalidDataException">This is not SMTP, or it is over the limits.</exception>
    public int Feed(ReadOnlySpan<byte> octets)
    {
        if (IsComplete)
        {
            IsComplete = false;
            _textLength = _lines = _octets = 0;
        }

        var used = 0;
        while (!IsComplete && used < octets.Length)
        {
            var rest = octets[used..];
            var end = rest.IndexOf((byte)'\n');
            var piece = end < 0 ? rest : rest[..end];
            Count(piece.Length);
            used += end < 0 ? rest.Length : end + 1;
            if (end >= 0 && _lineLength == 0)
            {
                EndLine(piece);
                continue;
            }

            Keep(piece);
            if (end >= 0)
            {
                var length = _lineLength;
                _lineLength = 0;
                EndLine(_line.AsSpan(0, length));
            }
        }

        return used;
    }

    /// <summary>Text of the last reply, lines separated by '\n', codes removed.</summary>
    public string Lines() => Encoding.UTF8.GetString(_text, 0, _textLength);

    /// <summary>The last reply, made fit for records and logs.</summary>
    public PeerReply Capture()
    {
        ReadOnlySpan<byte> text = _text.AsSpan(0, _textLength);
        var enhanced = EnhancedLength(text);
        return new PeerReply(
            Code,
            enhanced == 0 ? null : Encoding.ASCII.GetString(text[..enhanced]),
            Printable(Encoding.UTF8.GetString(text[enhanced..]).Trim()));
    }

    private void Count(int octets)
    {
        _octets += octets + 1;
        if (_octets > MaxOctets)
        {
            throw new InvalidDataException("the reply is too long");
        }
    }

    private void Keep(ReadOnlySpan<byte> piece)
    {
        // What does not fit is only text: the code is at the front.
        var room = Math.Min(piece.Length, _line.Length - _lineLength);
        piece[..room].CopyTo(_line.AsSpan(_lineLength));
        _lineLength += room;
    }

    private void EndLine(ReadOnlySpan<byte> line)
    {
        // A bare LF ends a line here as well: refusing it would help nobody, and no data follows a reply.
        line = line is [.. var before, (byte)'\r'] ? before : line;
        if (line.Length < 3 || !Digit(line[0], '2', '5') || !Digit(line[1], '0', '9') || !Digit(line[2], '0', '9')
            || (line.Length > 3 && line[3] is not ((byte)' ' or (byte)'-')))
        {
            throw new InvalidDataException("the answer is not an SMTP reply");
        }

        if (++_lines > MaxLines)
        {
            throw new InvalidDataException("the reply has too many lines");
        }

        // Lines that disagree are the peer's fault; the last one decides, as in other mail systems.
        Code = ((line[0] - '0') * 100) + ((line[1] - '0') * 10) + (line[2] - '0');
        IsComplete = line.Length == 3 || line[3] == ' ';
        AddText(line.Length > 4 ? line[4..] : []);
    }

    private void AddText(ReadOnlySpan<byte> text)
    {
        if (_lines > 1 && _textLength < MaxText)
        {
            _text[_textLength++] = (byte)'\n';
        }

        var room = Math.Min(text.Length, MaxText - _textLength);
        text[..room].CopyTo(_text.AsSpan(_textLength));
        _textLength += room;
    }

    private static bool Digit(byte octet, char from, char to) => octet >= from && octet <= to;

    /// <summary>Length of an enhanced status code (RFC 2034 section 4) at the start, or 0.</summary>
    private static int EnhancedLength(ReadOnlySpan<byte> text)
    {
        if (text.Length < 5 || text[0] is not ((byte)'2' or (byte)'4' or (byte)'5') || text[1] != '.')
        {
            return 0;
        }

        var subject = Digits(text, 2);
        if (subject == 0 || 2 + subject >= text.Length || text[2 + subject] != '.')
        {
            return 0;
        }

        var end = 3 + subject + Digits(text, 3 + subject);
        return end > 3 + subject && (end == text.Length || text[end] is (byte)' ' or (byte)'\n') ? end : 0;
    }

    private static int Digits(ReadOnlySpan<byte> text, int from)
    {
        var count = 0;
        while (count < 3 && from + count < text.Length && Digit(text[from + count], '0', '9'))
        {
            count++;
        }

        return count;
    }

    private static string Printable(string text)
    {
        if (text.Length > MaxShownText)
        {
            text = text[..MaxShownText];
        }

        foreach (var character in text)
        {
            if (char.IsControl(character))
            {
                return string.Create(text.Length, text, static (target, source) =>
                {
                    for (var i = 0; i < target.Length; i++)
                    {
                        target[i] = char.IsControl(source[i]) ? ' ' : source[i];
                    }
                });
            }
        }

        return text;
    }
}
