using System.Net;
using System.Text;
using Smtpy.Mail.Headers;
using Smtpy.Mail.Mime;

namespace Smtpy.Mail.Rewriting;

/// <summary>
/// Puts a line of text above or below the first plain and the first HTML text of a message. Changes the body, and so breaks the
/// sender's signature: only for who asked for it. Attachments, signed and encrypted parts are never touched.
/// </summary>
public static class Banner
{
    /// <param name="message">The whole message.</param>
    /// <param name="text">One or more lines, without mark-up.</param>
    /// <param name="atBottom">Below the text instead of above it.</param>
    /// <returns>The same memory where no part could take it.</returns>
    public static ReadOnlyMemory<byte> Insert(ReadOnlyMemory<byte> message, string text, bool atBottom = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        var rewriter = new Rewriter(text.ReplaceLineEndings("\r\n"), atBottom);
        var changed = rewriter.Rewrite(message.Span);
        return rewriter.IsInserted ? changed : message;
    }

    private sealed class Rewriter(string text, bool atBottom) : EntityRewriter
    {
        private bool _plainDone;
        private bool _htmlDone;

        public bool IsInserted => _plainDone || _htmlDone;

        protected override ReadOnlyMemory<byte>? Leaf(EntityHead head, ReadOnlySpan<byte> body, out TransferKind transfer)
        {
            transfer = head.Transfer;
            if (head.IsAttachment || head.Transfer == TransferKind.Unknown)
            {
                return null;
            }

            var (isPlain, isHtml) = (head.Type == "text/plain" && !_plainDone, head.Type == "text/html" && !_htmlDone);
            if ((!isPlain && !isHtml) || Encoded(head, isHtml) is not { } banner)
            {
                return null;
            }

            (_plainDone, _htmlDone) = (_plainDone || isPlain, _htmlDone || isHtml);
            var part = PartText.Read(head, body);
            var at = (isHtml, atBottom) switch
            {
                (true, true) => HtmlEnd(part.Octets),
                (true, false) => HtmlStart(part.Octets),
                (false, true) => part.Octets.Length,
                _ => 0,
            };
            if (!isHtml && atBottom)
            {
                banner = [.. part.Octets.AsSpan().EndsWith("\r\n"u8) || at == 0 ? "\r\n"u8 : "\r\n\r\n"u8, .. banner];
            }

            return part.Encode([.. part.Octets.AsSpan(0, at), .. banner, .. part.Octets.AsSpan(at)], body, out transfer);
        }

        /// <summary>The banner in the part's own character set; null where that does not have its characters or is unknown.</summary>
        private byte[]? Encoded(EntityHead head, bool isHtml)
        {
            if (isHtml)
            {
                // Character references are ASCII, which every set has that PartText leaves as it is.
                var lines = new StringBuilder("<div>");
                foreach (var rune in WebUtility.HtmlEncode(text).EnumerateRunes())
                {
                    _ = rune.IsAscii ? lines.Append(rune) : lines.Append("&#").Append(rune.Value).Append(';');
                }

                return Encoding.ASCII.GetBytes(lines.Replace("\r\n", "<br>\r\n").Append("</div>\r\n").ToString());
            }

            var line = atBottom ? text + "\r\n" : text + "\r\n\r\n";
            if (Ascii.IsValid(line) || head.Charset.StartsWith("utf-", StringComparison.OrdinalIgnoreCase))
            {
                return Encoding.UTF8.GetBytes(line);
            }

            var charset = TextCharset.Find(Encoding.ASCII.GetBytes(head.Charset));
            return charset is not null && charset.GetString(charset.GetBytes(line)) == line ? charset.GetBytes(line) : null;
        }

        /// <summary>Before the last end tag of a body, or else at the end.</summary>
        private static int HtmlEnd(ReadOnlySpan<byte> html)
        {
            for (var before = html; before.LastIndexOf("</"u8) is >= 0 and var tag; before = before[..tag])
            {
                if (html.Length >= tag + 6 && Ascii.EqualsIgnoreCase(html.Slice(tag + 2, 4), "body"u8))
                {
                    return tag;
                }
            }

            return html.Length;
        }

        /// <summary>Behind the tag of the body, or else at the start.</summary>
        private static int HtmlStart(ReadOnlySpan<byte> html)
        {
            for (var from = 0; html[from..].IndexOf((byte)'<') is >= 0 and var offset;)
            {
                var tag = from + offset + 1;
                if (html.Length >= tag + 5 && Ascii.EqualsIgnoreCase(html.Slice(tag, 4), "body"u8) && html[tag + 4] is (byte)'>' or <= (byte)' ')
                {
                    return html[tag..].IndexOf((byte)'>') is >= 0 and var end ? tag + end + 1 : 0;
                }

                from = tag;
            }

            return 0;
        }
    }
}
