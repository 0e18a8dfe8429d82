using System.Buffers;

namespace Smtpy.Mail.Addresses;

/// <summary>Where the parts of an address list end (RFC 5322 section 3.4), in text that may be broken in any way.</summary>
internal static class AddressSpans
{
    /// <summary>Comments nest (RFC 5322 section 3.2.2); nobody nests them deeper.</summary>
    private const int DeepestComment = 16;

    private static readonly SearchValues<byte> EndsOfLiteral = SearchValues.Create("],;<>\""u8);

    /// <summary>An address literal may hold colons, which end no group name.</summary>
    public static int LiteralLength(ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOfAny(EndsOfLiteral);
        return end > 0 && rest[end] == (byte)']' ? end + 1 : 1;
    }

    /// <summary>Index behind the closing quote; -1 where there is none.</summary>
    public static int QuotedEnd(ReadOnlySpan<byte> text, int start)
    {
        for (var i = start + 1; i < text.Length; i++)
        {
            if (text[i] == (byte)'\\')
            {
                i++;
            }
            else if (text[i] == (byte)'"')
            {
                return i + 1;
            }
        }

        return -1;
    }

    /// <summary>Index behind the comment, or the end of the text; a comment that is never closed is one to the end.</summary>
    public static int CommentEnd(ReadOnlySpan<byte> text, int start)
    {
        var depth = 0;
        for (var i = start; i < text.Length; i++)
        {
            switch (text[i])
            {
                case (byte)'\\':
                    i++;
                    break;
                case (byte)'(':
                    depth = Math.Min(depth + 1, DeepestComment);
                    break;
                case (byte)')' when --depth == 0:
                    return i + 1;
            }
        }

        return text.Length;
    }

    /// <summary>Where the address in angle brackets ends: at "&gt;", or without one before the next separator or bracket.</summary>
    public static int AngleEnd(ReadOnlySpan<byte> content)
    {
        var isOpen = false;
        for (var i = 0; i < content.Length; i++)
        {
            switch (content[i])
            {
                case (byte)'>' or (byte)'<':
                    return i;
                case (byte)'"' when !isOpen:
                    var quotedEnd = QuotedEnd(content, i);
                    isOpen = quotedEnd < 0;
                    i = isOpen ? i : quotedEnd - 1;
                    break;
                case (byte)'(':
                    i = CommentEnd(content, i) - 1;
                    break;
                case (byte)',' or (byte)';' when !IsRoute(content) || content[i..].IndexOf((byte)'>') < 0:
                    return i;
            }
        }

        return content.Length;
    }

    /// <summary>"@a.example,@b.example:jane@c.example" (RFC 5322 section 4.4).</summary>
    public static bool IsRoute(ReadOnlySpan<byte> content) => content.TrimStart(" \t\r\n"u8) is [(byte)'@', ..];

    /// <summary>Where the word ends that begins here: at a space outside of quotes.</summary>
    public static int WordEnd(ReadOnlySpan<byte> text, int start)
    {
        for (var i = start; i < text.Length; i++)
        {
            if (text[i] == (byte)'"' && QuotedEnd(text, i) is > 0 and var end)
            {
                i = end - 1;
            }
            else if (text[i] == (byte)' ')
            {
                return i;
            }
        }

        return text.Length;
    }

    /// <summary>Copies what stands in angle brackets without its comments and, outside of quotes, its white space. The copy is never longer.</summary>
    /// <returns>Octets written.</returns>
    public static int Compact(ReadOnlySpan<byte> angle, Span<byte> target)
    {
        var length = 0;
        var end = 0;
        for (var i = 0; i < angle.Length; i++)
        {
            if (angle[i] == (byte)'"' && end >= 0 && (end = QuotedEnd(angle, i)) > 0)
            {
                angle[i..end].CopyTo(target[length..]);
                length += end - i;
                i = end - 1;
            }
            else if (angle[i] == (byte)'(')
            {
                i = CommentEnd(angle, i) - 1;
            }
            else if (angle[i] is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                target[length++] = angle[i];
            }
        }

        return length;
    }
}
