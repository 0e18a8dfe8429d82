using System.Globalization;
using System.Text;
using MimeKit.Utils;
using Smtpy.Mail.Bounces;
using Smtpy.Mail.Headers;

namespace Smtpy.Mail.Notices;

/// <summary>
/// Writes delivery status notifications (RFC 3461 section 6, RFC 3464; internationalised: RFC 6533). Pure but for the clock
/// and the random Message-ID and boundary.
/// </summary>
/// <param name="hostname">This server's name: reporter, domain of the From and of the Message-ID.</param>
/// <param name="time">For Date.</param>
/// <param name="options">Limits.</param>
public sealed class DsnWriter(string hostname, TimeProvider time, DsnWriterOptions? options = null)
{
    private const int MaxReply = 500;

    private readonly DsnWriterOptions _options = options ?? new DsnWriterOptions();

    public OwnMessage Write(DeliveryNotification notification)
    {
        ArgumentOutOfRangeException.ThrowIfZero(notification.Recipients.Count, nameof(notification));

        // The form follows the transport: a reader who can be reached in ASCII gets ASCII (RFC 6533 section 4).
        var international = notification.SmtpUtf8 || !Ascii.IsValid(notification.To);
        var boundary = "=_" + MessageText.Unique();
        var messageId = $"<{MessageText.Unique()}@{hostname}>";
        var text = new MessageText()
            .Field("From", $"Mail Delivery System <MAILER-DAEMON@{hostname}>")
            .Field("To", notification.To)
            .Field("Subject", DsnText.Subject(notification.Action))
            .Date(time.GetUtcNow())
            .Field("Message-ID", messageId)
            .Field("Auto-Submitted", "auto-replied")
            .Field("MIME-Version", "1.0")
            .Line("Content-Type: multipart/report; report-type=delivery-status;").Line($"\tboundary=\"{boundary}\"").Line()
            .Line("--" + boundary)
            .PlainText(DsnText.Body(notification, hostname)).Line()
            .Line("--" + boundary);
        WriteStatus(text, notification, international);
        if (!notification.Original.IsEmpty)
        {
            text.Line("--" + boundary);
            WriteOriginal(text, notification, international);
        }

        text.Line($"--{boundary}--");
        return new OwnMessage(text.ToArray(), messageId, international && !text.IsAscii, !text.IsAscii);
    }

    private void WriteStatus(MessageText text, DeliveryNotification notification, bool international)
    {
        text.Line($"Content-Type: message/{(international ? "global-delivery-status" : "delivery-status")}");
        if (international)
        {
            text.Line("Content-Transfer-Encoding: 8bit");
        }

        text.Line()
            .Field("Original-Envelope-Id", Printable(notification.EnvelopeId))
            .Field("Reporting-MTA", $"dns; {hostname}")
            .Field("Arrival-Date", DateUtils.FormatDate(notification.ArrivedAt))
            .Line();
        foreach (var recipient in notification.Recipients.Take(_options.MaxRecipients))
        {
            WriteRecipient(text, notification, recipient, international);
        }
    }

    private static void WriteRecipient(MessageText text, DeliveryNotification notification, NotifiedRecipient recipient, bool international)
    {
        var (action, unclear) = notification.Action switch
        {
            NotificationAction.Failed => ("failed", "5.0.0"),
            NotificationAction.Delayed => ("delayed", "4.0.0"),
            NotificationAction.Delivered => ("delivered", "2.0.0"),
            _ => ("relayed", "2.0.0"),
        };
        text.Field("Original-Recipient", Printable(recipient.OriginalRecipient))
            .Field("Final-Recipient", TypedAddress(recipient.Address, international))
            .Field("Action", action)
            .Field("Status", StatusCode.FindEnhanced(recipient.Status) ?? unclear)
            .Field("Remote-MTA", recipient is { DiscloseRemote: true, RemoteMta: { } remote } ? $"dns; {Printable(remote)}" : null)
            .Field("Diagnostic-Code", Diagnostic(recipient));
        if (notification is { Action: NotificationAction.Delayed, WillRetryUntil: { } until })
        {
            text.Field("Will-Retry-Until", DateUtils.FormatDate(until));
        }

        text.Line();
    }

    private static string? Diagnostic(NotifiedRecipient recipient)
    {
        if (recipient.ReplyCode == 0)
        {
            return null;
        }

        var code = recipient.ReplyCode.ToString(CultureInfo.InvariantCulture);
        return recipient is { DiscloseRemote: true, Reply.Length: > 0 }
            ? $"smtp; {code} {Printable(ReportFields.OneLine(recipient.Reply, MaxReply))}"
            : $"smtp; {code} {StatusCode.FindEnhanced(recipient.Status)}";
    }

    /// <summary>RFC 6533 section 3: UTF-8 as it is in the internationalised form, escaped in the other.</summary>
    private static string TypedAddress(string address, bool international)
    {
        if (Ascii.IsValid(address))
        {
            return "rfc822; " + address;
        }

        return "utf-8; " + (international ? address : string.Concat(address.EnumerateRunes().Select(static rune =>
            rune.IsAscii && rune.Value is not ('\\' or '+' or '=') ? rune.ToString() : $"\\x{{{rune.Value:X2}}}")));
    }

    private static string? Printable(string? text) =>
        text is null ? null : string.Concat(text.Select(static character => character is >= ' ' and <= '~' ? character : '?'));

    private void WriteOriginal(MessageText text, DeliveryNotification notification, bool international)
    {
        var original = notification.Original.Span;
        var header = original[..new HeaderBlock(original).Length];
        var full = notification is { ReturnFull: true, OriginalIsWhole: true, Action: NotificationAction.Failed }
            && original.Length <= _options.MaxReturnedMessage;

        // message/rfc822 has no encoding but the identity (RFC 2046 section 5.2.1) and no UTF-8 in its header (RFC 6533 section 5).
        if (full && (international || Ascii.IsValid(header)))
        {
            text.Line($"Content-Type: message/{(Ascii.IsValid(header) ? "rfc822" : "global")}");
            text.Line($"Content-Transfer-Encoding: {(Ascii.IsValid(original) ? "7bit" : "8bit")}").Line().Raw(original).Line();
            return;
        }

        var returned = Cut(header);
        if (Ascii.IsValid(returned) || international)
        {
            text.Line($"Content-Type: {(Ascii.IsValid(returned) ? "text/rfc822-headers" : "message/global-headers")}");
            text.Line($"Content-Transfer-Encoding: {(Ascii.IsValid(returned) ? "7bit" : "8bit")}").Line().Raw(returned).Line();
            return;
        }

        text.Line("Content-Type: text/rfc822-headers; charset=utf-8").Line("Content-Transfer-Encoding: base64").Line();
        text.Line(Convert.ToBase64String(returned, Base64FormattingOptions.InsertLineBreaks)).Line();
    }

    private ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> header)
    {
        var length = 0;
        foreach (var field in new HeaderBlock(header))
        {
            if (length + field.Raw.Length > _options.MaxReturnedHeader)
            {
                break;
            }

            length += field.Raw.Length;
        }

        return header[..length];
    }
}
