using System.Text;
using MimeKit;

namespace Smtpy.Mail.Bounces;

/// <summary>
/// The parts of a message that matter to a report. What is inside a returned message belongs to that one: a forwarded bounce
/// is no bounce.
/// </summary>
internal sealed class ReportParts
{
    private readonly BounceReaderOptions _options;
    private int _partsLeft;

    private ReportParts(BounceReaderOptions options) => (_options, _partsLeft) = (options, options.MaxParts);

    /// <summary>Decoded text of the first text part, HTML taken out; empty where there is none.</summary>
    public string Text { get; private set; } = "";

    public byte[]? DeliveryStatus { get; private set; }

    public byte[]? Feedback { get; private set; }

    public bool HasDisposition { get; private set; }

    public ReturnedMessage? Original { get; private set; }

    /// <summary>The returned message's header fields, where it came as a message.</summary>
    public HeaderList? OriginalHeaders { get; private set; }

    public static ReportParts Of(MimeMessage message, BounceReaderOptions options)
    {
        var parts = new ReportParts(options);
        if (message.Body is { } body)
        {
            parts.Visit(body);
        }

        return parts;
    }

    private void Visit(MimeEntity entity)
    {
        if (_partsLeft-- <= 0)
        {
            return;
        }

        switch (entity)
        {
            case Multipart multipart:
                foreach (var child in multipart)
                {
                    Visit(child);
                }

                break;
            case MessagePart { Message: { } returned }:
                OriginalHeaders ??= returned.Headers;
                Original ??= ReturnedMessages.FromHeaders(returned.Headers, _options);
                break;
            case MimePart part:
                VisitLeaf(part);
                break;
        }
    }

    private void VisitLeaf(MimePart part)
    {
        var type = $"{part.ContentType.MediaType}/{part.ContentType.MediaSubtype}".ToLowerInvariant();
        switch (type)
        {
            case "message/delivery-status" or "message/global-delivery-status":
                DeliveryStatus ??= Decode(part, _options.MaxOctets);
                break;
            case "message/feedback-report":
                Feedback ??= Decode(part, _options.MaxOctets);
                break;
            case "message/disposition-notification" or "message/global-disposition-notification":
                HasDisposition = true;
                break;
            case "text/rfc822-headers" or "message/global-headers" or "message/global" or "message/rfc822":
                Original ??= ReturnedMessages.FromOctets(Decode(part, _options.MaxOctets), _options);
                break;
            case "text/plain" when Text.Length == 0:
                Text = ReadText(part);
                break;
            case "text/html" when Text.Length == 0:
                Text = HtmlText.Of(ReadText(part));
                break;
        }
    }

    private string ReadText(MimePart part)
    {
        var octets = Decode(part, _options.MaxReportText);

        // Latin-1 maps every octet; the phrases and codes looked for are ASCII either way.
        var charset = part.ContentType.Charset;
        var latin = charset is not null && (charset.StartsWith("iso-8859", StringComparison.OrdinalIgnoreCase)
            || charset.StartsWith("windows-125", StringComparison.OrdinalIgnoreCase));
        return (latin ? Encoding.Latin1 : Encoding.UTF8).GetString(octets);
    }

    /// <summary>The content decoded, no more of it than asked for.</summary>
    private static byte[] Decode(MimePart part, int most)
    {
        if (part.Content is null)
        {
            return [];
        }

        using var decoded = part.Content.Open();
        var octets = new byte[Math.Min(most, 1 << 16)];
        var length = 0;
        while (length < most)
        {
            if (length == octets.Length)
            {
                Array.Resize(ref octets, Math.Min(most, octets.Length * 2));
            }

            var read = decoded.Read(octets, length, octets.Length - length);
            if (read == 0)
            {
                break;
            }

            length += read;
        }

        return octets[..length];
    }
}
