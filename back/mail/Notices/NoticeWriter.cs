using System.Text;
using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Notices;

/// <summary>What is told to an owner.</summary>
/// <param name="Subject">One line.</param>
/// <param name="Text">Lines end with LF.</param>
public sealed record Notice(string Subject, string Text)
{
    /// <summary>Header fields of the message that the notice is about, attached where given; beyond 16 KiB they are cut.</summary>
    public ReadOnlyMemory<byte> HeaderExcerpt { get; init; }
}

/// <summary>
/// Writes notices to owners as plain mail. Automatic (RFC 3834), so that nothing answers it; neither bulk nor a list, so that
/// nothing files it away.
/// </summary>
/// <param name="hostname">Domain of the From and of the Message-ID.</param>
/// <param name="time">For Date.</param>
public sealed class NoticeWriter(string hostname, TimeProvider time)
{
    /// <summary>Octets. 16 KiB: what a person might look through.</summary>
    private const int MaxExcerpt = 16 * 1024;

    /// <param name="to">An owner's verified address.</param>
    public OwnMessage Write(string to, Notice notice)
    {
        var messageId = $"<{MessageText.Unique()}@{hostname}>";
        var text = new MessageText()
            .Field("From", $"SMTPy <no-reply@{hostname}>")
            .Field("To", to)
            .TextField("Subject", notice.Subject)
            .Date(time.GetUtcNow())
            .Field("Message-ID", messageId)
            .Field("Auto-Submitted", "auto-generated")
            .Field("MIME-Version", "1.0");
        var excerpt = notice.HeaderExcerpt.Span;
        excerpt = excerpt[..new HeaderBlock(excerpt[..Math.Min(excerpt.Length, MaxExcerpt)]).Length];
        if (excerpt.IsEmpty)
        {
            text.PlainText(notice.Text);
        }
        else
        {
            WriteParts(text, notice.Text, excerpt);
        }

        return new OwnMessage(text.ToArray(), messageId, !Ascii.IsValid(to), !text.IsAscii);
    }

    private static void WriteParts(MessageText text, string body, ReadOnlySpan<byte> excerpt)
    {
        var boundary = "=_" + MessageText.Unique();
        text.Line($"Content-Type: multipart/mixed; boundary=\"{boundary}\"").Line()
            .Line("--" + boundary).PlainText(body).Line()
            .Line("--" + boundary)
            .Line("Content-Type: text/rfc822-headers; charset=utf-8")
            .Line("Content-Disposition: attachment; filename=\"header.txt\"")
            .Line("Content-Transfer-Encoding: base64").Line()
            .Line(Convert.ToBase64String(excerpt, Base64FormattingOptions.InsertLineBreaks)).Line()
            .Line($"--{boundary}--");
    }
}
