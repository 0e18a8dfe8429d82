using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Smtpy.Mail.Headers;

/// <summary>Reads encoded words in header text (RFC 2047), as leniently as mail clients do: what they show is what counts.</summary>
public static class EncodedWords
{
    /// <summary>
    /// The text of a header value: line ends removed, encoded words decoded (also inside quotes and words that are too long),
    /// the rest taken as UTF-8. A word in an unknown character set stays as it is spelt. Never fails.
    /// </summary>
    public static string Decode(ReadOnlySpan<byte> value)
    {
        if (value.IndexOf("=?"u8) < 0 && !value.ContainsAny((byte)'\r', (byte)'\n'))
        {
            return TextCharset.DecodeUnlabelled(value);
        }

        var text = new StringBuilder(value.Length);
        var pending = new PendingWords(text);
        var position = 0;
        var plainStart = 0;
        while (position < value.Length)
        {
            var offset = value[position..].IndexOf("=?"u8);
            if (offset < 0)
            {
                break;
            }

            position += offset;
            if (!EncodedWord.TryRead(value[position..], out var word) || TextCharset.Find(word.Charset) is not { } charset)
            {
                position += 2;
                continue;
            }

            var between = value[plainStart..position];
            if (!pending.IsOpen || between.ContainsAnyExcept(" \t\r\n"u8))
            {
                pending.Flush();
                AppendPlain(text, between);
            }

            pending.Add(charset, word);
            position += word.Length;
            plainStart = position;
        }

        pending.Flush();
        AppendPlain(text, value[plainStart..]);
        return text.ToString();
    }

    private static void AppendPlain(StringBuilder text, ReadOnlySpan<byte> plain)
    {
        foreach (var character in TextCharset.DecodeUnlabelled(plain))
        {
            if (character is not ('\r' or '\n'))
            {
                text.Append(character);
            }
        }
    }

    /// <summary>Adjacent words of one character set are decoded together: some senders cut a character in two.</summary>
    private sealed class PendingWords(StringBuilder text)
    {
        private readonly ArrayBufferWriter<byte> _octets = new();
        private Encoding? _charset;

        public bool IsOpen => _charset is not null;

        public void Add(Encoding charset, in EncodedWord word)
        {
            if (_charset is not null && !_charset.Equals(charset))
            {
                Flush();
            }

            _charset = charset;
            word.DecodeTo(_octets);
        }

        public void Flush()
        {
            if (_charset is not null)
            {
                text.Append(_charset.GetString(_octets.WrittenSpan));
                _octets.ResetWrittenCount();
                _charset = null;
            }
        }
    }
}

/// <summary>One encoded word where it lies: "=?charset?B|Q?text?=".</summary>
internal readonly ref struct EncodedWord
{
    private EncodedWord(ReadOnlySpan<byte> charset, bool isBase64, ReadOnlySpan<byte> text, int length)
    {
        Charset = charset;
        IsBase64 = isBase64;
        Text = text;
        Length = length;
    }

    public ReadOnlySpan<byte> Charset { get; }

    public bool IsBase64 { get; }

    public ReadOnlySpan<byte> Text { get; }

    /// <summary>Octets of the whole word.</summary>
    public int Length { get; }

    public static bool TryRead(ReadOnlySpan<byte> source, out EncodedWord word)
    {
        word = default;
        if (!source.StartsWith("=?"u8))
        {
            return false;
        }

        var rest = source[2..];
        var charsetEnd = rest.IndexOfAny("? \t\r\n"u8);
        if (charsetEnd <= 0 || charsetEnd + 3 > rest.Length || rest[charsetEnd] != (byte)'?' || rest[charsetEnd + 2] != (byte)'?'
            || (rest[charsetEnd + 1] | 0x20) is not ('b' or 'q'))
        {
            return false;
        }

        var text = rest[(charsetEnd + 3)..];
        var end = text.IndexOfAny("?\r\n"u8);
        if (end < 0 || end + 1 >= text.Length || text[end] != (byte)'?' || text[end + 1] != (byte)'=')
        {
            return false;
        }

        word = new EncodedWord(rest[..charsetEnd], (rest[charsetEnd + 1] | 0x20) == 'b', text[..end], 2 + charsetEnd + 3 + end + 2);
        return true;
    }

    public void DecodeTo(IBufferWriter<byte> output)
    {
        if (IsBase64)
        {
            Mime.TransferEncoding.DecodeBase64(Text, output);
            return;
        }

        var target = output.GetSpan(Text.Length + 1);
        var written = 0;
        for (var i = 0; i < Text.Length; i++)
        {
            var octet = Text[i];
            if (octet == (byte)'=' && i + 2 < Text.Length && Utf8Parser.TryParse(Text.Slice(i + 1, 2), out byte decoded, out var used, 'x') && used == 2)
            {
                target[written++] = decoded;
                i += 2;
            }
            else
            {
                target[written++] = octet == (byte)'_' ? (byte)' ' : octet;
            }
        }

        output.Advance(written);
    }
}
