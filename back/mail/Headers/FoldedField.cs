using System.Buffers;
using System.Globalization;
using System.Text;

namespace Smtpy.Mail.Headers;

/// <summary>
/// Writes one header field, folded before the 78th octet where a word ends there (RFC 5322 section 2.1.1). What is beyond
/// ASCII goes into encoded words (RFC 2047), whichever of B and Q is shorter.
/// </summary>
internal ref struct FoldedField
{
    private const int Preferred = 78;

    /// <summary>Hard limit of a line without its end (RFC 5322 section 2.1.1).</summary>
    public const int LongestLine = 998;

    /// <summary>RFC 2047 section 2: 75 octets, of which "=?utf-8?q?" and "?=" take 12.</summary>
    private const int LongestEncodedText = 63;

    private readonly IBufferWriter<byte> _output;
    private readonly int _start;
    private int _column;

    public FoldedField(IBufferWriter<byte> output, ReadOnlySpan<byte> name)
    {
        _output = output;
        _output.Write(name);
        _output.Write(":"u8);
        _start = _column = name.Length + 1;
    }

    /// <summary>A word with a space before it, or on a line of its own where this one is full. Cut at the hard limit.</summary>
    public void Word(scoped ReadOnlySpan<byte> word)
    {
        word = word[..Math.Min(word.Length, LongestLine - 2)];
        var end = _column + 1 + word.Length;
        if ((_column > _start && end > Preferred) || end > LongestLine - 1)
        {
            _output.Write("\r\n"u8);
            _column = 0;
        }

        _output.Write(" "u8);
        _output.Write(word);
        _column += 1 + word.Length;
    }

    /// <summary>A separator directly behind the last word.</summary>
    public void Attach(byte separator)
    {
        _output.Write([separator]);
        _column++;
    }

    public readonly void End() => _output.Write("\r\n"u8);

    /// <summary>Unstructured text (RFC 5322 section 2.2.1): as it is where it is printable ASCII, else encoded.</summary>
    public void Text(string text)
    {
        if (!NeedsEncoding(text))
        {
            foreach (var range in text.AsSpan().Split(' '))
            {
                Plain(text.AsSpan(range));
            }

            return;
        }

        Encode(text);
    }

    /// <summary>A display name (RFC 5322 section 3.2.5): as atoms, quoted, or encoded.</summary>
    public void Phrase(string text)
    {
        if (NeedsEncoding(text))
        {
            Encode(text);
            return;
        }

        if (!text.AsSpan().ContainsAnyExcept(PhraseCharacters) && !text.Contains("  ", StringComparison.Ordinal) && text[0] != ' ' && text[^1] != ' ')
        {
            Text(text);
            return;
        }

        var quoted = new StringBuilder(text.Length + 8).Append('"');
        foreach (var character in text)
        {
            _ = character is '"' or '\\' ? quoted.Append('\\').Append(character) : quoted.Append(character);
        }

        var done = quoted.Append('"').ToString();
        foreach (var range in done.AsSpan().Split(' '))
        {
            Plain(done.AsSpan(range));
        }
    }

    private static readonly SearchValues<char> PhraseCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~ ");

    // An encoded-word look-alike must not be decoded into something that was never said.
    private static bool NeedsEncoding(string text) =>
        text.AsSpan().ContainsAnyExceptInRange(' ', '~') || text.Contains("=?", StringComparison.Ordinal) || LongestRun(text) > Preferred;

    private static int LongestRun(string text)
    {
        var longest = 0;
        foreach (var range in text.AsSpan().Split(' '))
        {
            longest = Math.Max(longest, text.AsSpan(range).Length);
        }

        return longest;
    }

    private void Plain(scoped ReadOnlySpan<char> ascii)
    {
        Span<byte> octets = stackalloc byte[Math.Min(ascii.Length, LongestLine)];
        Encoding.ASCII.GetBytes(ascii[..octets.Length], octets);
        Word(octets);
    }

    /// <summary>Encoded words, whatever the text.</summary>
    public void Encode(string text)
    {
        Span<byte> utf8 = stackalloc byte[4];
        var octets = new ArrayBufferWriter<byte>(LongestEncodedText);
        var quotedLength = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var visible = Rune.IsControl(rune) ? new Rune(' ') : rune;
            var character = utf8[..visible.EncodeToUtf8(utf8)];
            var quoted = QuotedLength(character);
            if (Math.Min(quotedLength + quoted, Base64Length(octets.WrittenCount + character.Length)) > LongestEncodedText)
            {
                EncodedWord(octets.WrittenSpan, quotedLength);
                octets.ResetWrittenCount();
                quotedLength = 0;
            }

            octets.Write(character);
            quotedLength += quoted;
        }

        if (octets.WrittenCount > 0)
        {
            EncodedWord(octets.WrittenSpan, quotedLength);
        }
    }

    private static int Base64Length(int octets) => (octets + 2) / 3 * 4;

    private static int QuotedLength(ReadOnlySpan<byte> character)
    {
        var length = 0;
        foreach (var octet in character)
        {
            length += IsQuotedSafe(octet) || octet == (byte)' ' ? 1 : 3;
        }

        return length;
    }

    // The narrowest set, good for phrases too (RFC 2047 section 5 (3)).
    private static bool IsQuotedSafe(byte octet) => char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'!' or (byte)'*' or (byte)'+' or (byte)'-' or (byte)'/';

    private void EncodedWord(scoped ReadOnlySpan<byte> utf8, int quotedLength)
    {
        var word = new StringBuilder(80);
        if (quotedLength > Base64Length(utf8.Length))
        {
            word.Append("=?utf-8?b?").Append(Convert.ToBase64String(utf8));
        }
        else
        {
            word.Append("=?utf-8?q?");
            foreach (var octet in utf8)
            {
                _ = IsQuotedSafe(octet) ? word.Append((char)octet)
                    : octet == (byte)' ' ? word.Append('_')
                    : word.Append('=').Append(octet.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        Plain(word.Append("?=").ToString());
    }
}
