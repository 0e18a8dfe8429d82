using System.Runtime.InteropServices;
using System.Text;
using MimeKit;

namespace Smtpy.Mail.Bounces;

/// <summary>
/// Reads a message that came back: delivery report, complaint, automatic answer, or none of them. Pure; bounded by its
/// options; any octets give an answer. All it says is the claim of the sender, so what it is about must be known from the
/// return path it was sent to, not from what is in it.
/// </summary>
public sealed class BounceReader(BounceReaderOptions? options = null)
{
    private readonly BounceReaderOptions _options = options ?? new BounceReaderOptions();

    /// <param name="message">The stored octets.</param>
    /// <param name="nullSender">Whether its envelope sender is null (RFC 5321 section 4.5.5).</param>
    public MailReport Read(ReadOnlyMemory<byte> message, bool nullSender)
    {
        message = message[..Math.Min(message.Length, _options.MaxOctets)];
        var signs = AutomaticMail.Signs(message.Span);
        using var parsed = Parse(message);
        if (parsed is null)
        {
            return MailReport.Nothing;
        }

        var parts = ReportParts.Of(parsed, _options);
        return ReadFields(parts)
            ?? ReadText(parsed, parts, nullSender, signs)
            ?? Responders.Read(parsed.Subject ?? "", parts.Text, signs, nullSender, ReportFields.OneLine(From(parsed), _options.MaxTextLength))
            ?? MailReport.Nothing;
    }

    private MailReport? ReadFields(ReportParts parts)
    {
        if (parts.Feedback is not null)
        {
            return WithOriginal(new FeedbackReader(_options).Read(parts.Feedback), parts);
        }

        if (parts.DeliveryStatus is not null && new DeliveryStatusReader(_options).Read(parts.DeliveryStatus, parts.Text) is { } status)
        {
            return WithOriginal(status, parts);
        }

        return parts.HasDisposition
            ? WithOriginal(new MailReport { Kind = ReportKind.AutoReply, Shape = ReportShape.Disposition }, parts)
            : null;
    }

    private MailReport? ReadText(MimeMessage message, ReportParts parts, bool nullSender, AutomaticSigns signs)
    {
        var from = From(message);
        if (Complaints.Read(message.Subject ?? "", from, parts, _options) is { } complaint)
        {
            return WithOriginal(complaint, parts);
        }

        var failed = (message.Headers["X-Failed-Recipients"] ?? "").Split(',', _options.MaxRecipients + 1)
            .Take(_options.MaxRecipients).Select(address => ReportFields.OneLine(address, _options.MaxTextLength).Trim())
            .Where(static address => address.Length > 0).ToList();
        var fromMailSystem = nullSender || signs.HasFlag(AutomaticSigns.MailSystem) || from.StartsWith("postmaster@", StringComparison.OrdinalIgnoreCase);
        return new BounceText(_options).Read(message.Subject ?? "", parts.Text, failed, fromMailSystem) is { } bounce
            ? WithOriginal(bounce, parts)
            : null;
    }

    private static string From(MimeMessage message) => message.From.Mailboxes.FirstOrDefault()?.Address ?? "";

    private static MailReport WithOriginal(MailReport report, ReportParts parts) =>
        parts.Original is null ? report : report with { Original = parts.Original };

    private MimeMessage? Parse(ReadOnlyMemory<byte> message)
    {
        var octets = MemoryMarshal.TryGetArray(message, out var segment) ? segment : new ArraySegment<byte>(message.ToArray());
        using var stream = new MemoryStream(octets.Array!, octets.Offset, octets.Count, writable: false);
        var parserOptions = new ParserOptions { MaxMimeDepth = _options.MaxMimeDepth, CharsetEncoding = Encoding.UTF8 };
        try
        {
            return MimeMessage.Load(parserOptions, stream);
        }
        catch (FormatException)
        {
            // No header at all.
            return null;
        }
    }
}
