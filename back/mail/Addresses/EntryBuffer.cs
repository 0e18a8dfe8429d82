namespace Smtpy.Mail.Addresses;

/// <summary>Words of an address list entry, with one space between those that white space or a comment parts.</summary>
internal ref struct EntryBuffer(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;
    private int _length;
    private bool _spaceDue;

    public readonly ReadOnlySpan<byte> Written => _buffer[.._length];

    public void Clear() => (_length, _spaceDue) = (0, false);

    public void Space() => _spaceDue = _length > 0;

    public void Append(ReadOnlySpan<byte> word)
    {
        Separate();
        word.CopyTo(_buffer[_length..]);
        _length += word.Length;
    }

    /// <summary>Quoted pairs without their backslash, line ends removed.</summary>
    public void AppendUnescaped(ReadOnlySpan<byte> text)
    {
        Separate();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == (byte)'\\' && i + 1 < text.Length)
            {
                i++;
            }

            if (text[i] is not ((byte)'\r' or (byte)'\n'))
            {
                _buffer[_length++] = text[i];
            }
        }
    }

    /// <summary>
    /// Copies without the spaces around "@" and, where nothing but one address is left then, around "." (RFC 5322 section 4.4
    /// allows both). The copy is never longer.
    /// </summary>
    public static int JoinAround(ReadOnlySpan<byte> words, Span<byte> target)
    {
        var length = Join(words, "@."u8, target);
        return target[..length].Contains((byte)' ') ? Join(words, "@"u8, target) : length;
    }

    private static int Join(ReadOnlySpan<byte> words, ReadOnlySpan<byte> specials, Span<byte> target)
    {
        var length = 0;
        for (var i = 0; i < words.Length; i++)
        {
            if (words[i] == (byte)' ' && ((length > 0 && specials.Contains(target[length - 1])) || (i + 1 < words.Length && specials.Contains(words[i + 1]))))
            {
                continue;
            }

            target[length++] = words[i];
        }

        return length;
    }

    private void Separate()
    {
        if (_spaceDue)
        {
            _buffer[_length++] = (byte)' ';
            _spaceDue = false;
        }
    }
}
