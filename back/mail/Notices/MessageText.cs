using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using MimeKit.Utils;
using Smtpy.Mail.Bounces;

namespace Smtpy.Mail.Notices;

/// <summary>Writes a message line by line. Values lose their line ends and controls here, so that no value becomes a field.</summary>
internal sealed class MessageText
{
    /// <summary>Octets of UTF-8 in one encoded-word, base64: with the field name the line stays below 76 characters (RFC 2047 section 2).</summary>
    private const int EncodedWordOctets = 36;

    /// <summary>RFC 5322 section 2.1.1 allows 998 octets in a line; no value of ours needs more.</summary>
    private const int MaxValue = 900;

    private readonly ArrayBufferWriter<byte> _octets = new(2048);

    public static string Unique() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    public byte[] ToArray() => _octets.WrittenSpan.ToArray();

    public bool IsAscii => Ascii.IsValid(_octets.WrittenSpan);

    public MessageText Line(string text = "")
    {
        Encoding.UTF8.GetBytes(text, _octets);
        _octets.Write("\r\n"u8);
        return this;
    }

    /// <summary>A field whose value is ASCII, or may be UTF-8 (RFC 6532).</summary>
    public MessageText Field(string name, string? value) =>
        string.IsNullOrEmpty(value) ? this : Line($"{name}: {ReportFields.OneLine(value, MaxValue)}");

    /// <summary>A field of free text: encoded-words where it is not ASCII (RFC 2047).</summary>
    public MessageText TextField(string name, string value)
    {
        var text = ReportFields.OneLine(value, MaxValue);
        return Ascii.IsValid(text) ? Line($"{name}: {text}") : Line($"{name}: {EncodedWords(text)}");
    }

    public MessageText Date(DateTimeOffset now) => Field("Date", DateUtils.FormatDate(now));

    /// <summary>Content-Type, encoding and content of a text/plain part; its lines end with LF.</summary>
    public MessageText PlainText(string text)
    {
        var isPlain = Ascii.IsValid(text);
        Line($"Content-Type: text/plain; charset={(isPlain ? "us-ascii" : "utf-8")}");
        Line($"Content-Transfer-Encoding: {(isPlain ? "7bit" : "base64")}");
        Line();
        var lines = text.ReplaceLineEndings("\r\n");
        return Line(isPlain ? lines : Convert.ToBase64String(Encoding.UTF8.GetBytes(lines), Base64FormattingOptions.InsertLineBreaks));
    }

    public MessageText Raw(ReadOnlySpan<byte> octets)
    {
        _octets.Write(octets);
        return this;
    }

    private static string EncodedWords(string text)
    {
        var words = new StringBuilder();
        Span<byte> chunk = stackalloc byte[EncodedWordOctets];
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (length + rune.Utf8SequenceLength > chunk.Length)
            {
                Append(words, chunk[..length]);
                length = 0;
            }

            length += rune.EncodeToUtf8(chunk[length..]);
        }

        return Append(words, chunk[..length]).ToString();
    }

    private static StringBuilder Append(StringBuilder words, ReadOnlySpan<byte> chunk) =>
        words.Append(words.Length == 0 ? "" : "\r\n ").Append("=?utf-8?B?").Append(Convert.ToBase64String(chunk)).Append("?=");
}
