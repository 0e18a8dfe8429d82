using System.Buffers;
using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Addresses;

/// <summary>
/// One pass over an address list. Where a list is ambiguous every address that some client may show is reported, so that
/// what is judged is never only one of two readings.
/// </summary>
internal ref struct AddressListParser
{
    private static readonly SearchValues<byte> EndsOfAtom = SearchValues.Create(" \t\r\n\",;:<>(["u8);

    private readonly ReadOnlySpan<byte> _text;
    private readonly AddressListLimits _limits;
    private readonly List<Mailbox> _mailboxes = [];
    private EntryBuffer _phrase;
    private EntryBuffer _bare;
    private EntryBuffer _comment;
    private int _position;
    private int _unreadable;
    private bool _isCut;
    private bool _noMoreQuotes;

    private AddressListParser(ReadOnlySpan<byte> text, byte[] buffer, AddressListLimits limits)
    {
        _text = text;
        _limits = limits;
        var room = buffer.Length / 3;
        _phrase = new EntryBuffer(buffer.AsSpan(0, room));
        _bare = new EntryBuffer(buffer.AsSpan(room, room));
        _comment = new EntryBuffer(buffer.AsSpan(2 * room, room));
    }

    public static AddressList Parse(ReadOnlySpan<byte> value, AddressListLimits limits)
    {
        var isCut = value.Length > limits.MaxOctets;
        value = isCut ? value[..limits.MaxOctets] : value;

        // A word is never longer in the buffers than in the text, but for one space before it.
        var buffer = ArrayPool<byte>.Shared.Rent(((value.Length * 2) + 2) * 3);
        try
        {
            var parser = new AddressListParser(value, buffer, limits);
            parser.Read();
            return new AddressList(parser._mailboxes, parser._unreadable, isCut || parser._isCut);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Read()
    {
        while (_position < _text.Length && !_isCut)
        {
            switch (_text[_position])
            {
                case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n':
                    Space();
                    break;
                case (byte)'(':
                    ReadComment();
                    break;
                case (byte)'"':
                    ReadQuoted();
                    break;
                case (byte)'<':
                    ReadAngle();
                    break;
                case (byte)',' or (byte)';':
                    _position++;
                    EndEntry();
                    break;
                case (byte)':':
                    _position++;
                    EndGroupName();
                    break;
                case (byte)'>':
                    _position++;
                    break;
                default:
                    ReadAtom();
                    break;
            }
        }

        if (!_isCut)
        {
            EndEntry();
        }
    }

    private void Space()
    {
        _position++;
        _phrase.Space();
        _bare.Space();
    }

    private void ReadAtom()
    {
        var rest = _text[_position..];
        var length = rest[0] == (byte)'[' ? AddressSpans.LiteralLength(rest) : rest.IndexOfAny(EndsOfAtom);
        length = length < 0 ? rest.Length : length;
        _phrase.Append(rest[..length]);
        _bare.Append(rest[..length]);
        _position += length;
    }

    private void ReadQuoted()
    {
        var start = _position;
        var end = _noMoreQuotes ? -1 : AddressSpans.QuotedEnd(_text, start);
        if (end < 0)
        {
            // A quote that is never closed is a character like others, and so are all that follow: each is looked for once.
            _noMoreQuotes = true;
            _position++;
            return;
        }

        _bare.Append(_text[start..end]);
        _phrase.AppendUnescaped(_text[(start + 1)..(end - 1)]);
        _position = end;
    }

    private void ReadComment()
    {
        var end = AddressSpans.CommentEnd(_text, _position);
        _comment.Clear();
        _comment.AppendUnescaped(_text[(_position + 1)..Math.Max(_position + 1, end - 1)]);
        _position = end;
        _phrase.Space();
        _bare.Space();
    }

    private void ReadAngle()
    {
        // "jane@a.example <x@b.example>": a name. "<jane@a.example<x@b.example>": two addresses, and so is what stood in
        // angle brackets before; that was reported when its bracket closed.
        var content = _text[(_position + 1)..];
        var end = AddressSpans.AngleEnd(content);
        _position += 1 + end;
        if (_position < _text.Length && _text[_position] == (byte)'>')
        {
            _position++;
        }

        if (content[..end].IsEmpty && _position < _text.Length && _text[_position] == (byte)'<')
        {
            return;
        }

        Report(content[..end], DisplayName(_phrase.Written));
        Clear();
    }

    private void EndGroupName()
    {
        // A group's name names no mailbox; one that holds an address is reported all the same.
        if (_bare.Written.Contains((byte)'@'))
        {
            EndEntry();
        }

        Clear();
    }

    private void EndEntry()
    {
        var bare = _bare.Written;
        if (!bare.IsEmpty)
        {
            ReportBare(bare);
        }

        Clear();
    }

    private void Clear()
    {
        _phrase.Clear();
        _bare.Clear();
        _comment.Clear();
    }

    private void ReportBare(ReadOnlySpan<byte> bare)
    {
        Span<byte> compact = bare.Length <= 512 ? stackalloc byte[bare.Length] : new byte[bare.Length];
        var length = EntryBuffer.JoinAround(bare, compact);
        var joined = compact[..length];
        if (AddressSpelling.Read(joined) is { } address)
        {
            Add(new Mailbox(DisplayName(_comment.Written), address));
            return;
        }

        // "Jane Doe jane@shop.example": the word around each @ is an address, what stands before it is a name.
        var found = false;
        var nameLength = 0;
        for (var start = 0; start < joined.Length && !_isCut;)
        {
            var end = AddressSpans.WordEnd(joined, start);
            if (joined[start..end].Contains((byte)'@') && AddressSpelling.Read(joined[start..end].Trim("'"u8)) is { } inside)
            {
                Add(new Mailbox(found ? "" : DisplayName(joined[..nameLength]), inside));
                found = true;
            }
            else if (!found)
            {
                nameLength = end;
            }

            start = end + 1;
        }

        _unreadable += found ? 0 : 1;
    }

    private void Report(ReadOnlySpan<byte> angle, string displayName)
    {
        Span<byte> plain = angle.Length <= 512 ? stackalloc byte[angle.Length] : new byte[angle.Length];
        var spelt = plain[..AddressSpans.Compact(angle, plain)];
        if (AddressSpans.IsRoute(spelt) && spelt.LastIndexOf((byte)':') is > 0 and var colon)
        {
            spelt = spelt[(colon + 1)..];
        }

        if (AddressSpelling.Read(spelt) is { } address)
        {
            Add(new Mailbox(displayName, address));
        }
        else
        {
            _unreadable++;
        }
    }

    private static string DisplayName(ReadOnlySpan<byte> octets)
    {
        octets = octets.Trim(" '\""u8);
        return octets.IsEmpty ? "" : EncodedWords.Decode(octets).Trim();
    }

    private void Add(Mailbox mailbox)
    {
        if (_mailboxes.Count == _limits.MaxMailboxes)
        {
            _isCut = true;
            return;
        }

        _mailboxes.Add(mailbox);
    }
}
