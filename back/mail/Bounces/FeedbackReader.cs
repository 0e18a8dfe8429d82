using MimeKit.Utils;

namespace Smtpy.Mail.Bounces;

/// <summary>message/feedback-report (RFC 5965 section 3; what to think of it: RFC 6650).</summary>
internal sealed class FeedbackReader(BounceReaderOptions options)
{
    /// <summary>RFC 5965 lets these two be repeated. 20: nobody complains about more in one report.</summary>
    private const int MaxRepeated = 20;

    public MailReport Read(ReadOnlySpan<byte> part)
    {
        // An empty line among the fields is a mistake that exists; the octets of all groups count.
        var feedback = ReadFields(WithoutEmptyLines(part));
        var recipients = feedback.OriginalRecipients.Select(
            static address => new ReportedRecipient(address, address, ReportKind.Complaint, null, "", null)).ToList();
        return new MailReport
        {
            Kind = feedback.IsComplaint ? ReportKind.Complaint : ReportKind.NotABounce,
            Shape = ReportShape.Feedback,
            Feedback = feedback,
            ReportingMta = ReportFields.Untyped(ReportFields.Find(part, "Reporting-MTA"u8, options.MaxTextLength)),
            Recipients = feedback.IsComplaint ? recipients : [],
        };
    }

    private FeedbackReport ReadFields(ReadOnlySpan<byte> fields)
    {
        var arrival = Find(fields, "Arrival-Date"u8) ?? Find(fields, "Received-Date"u8);
        return new FeedbackReport
        {
            // Required, but a report without it is one about abuse all the same.
            Type = Find(fields, "Feedback-Type"u8)?.ToLowerInvariant() ?? "abuse",
            UserAgent = Find(fields, "User-Agent"u8),
            OriginalMailFrom = ReportFields.Address(Find(fields, "Original-Mail-From"u8)),
            OriginalRecipients = ReportFields.FindAll(fields, "Original-Rcpt-To"u8, MaxRepeated, options.MaxTextLength)
                .ConvertAll(static value => ReportFields.Address(value) ?? value),
            ArrivedAt = arrival is not null && DateUtils.TryParse(arrival, out var date) ? date : null,
            SourceIp = Find(fields, "Source-IP"u8),
            ReportedDomains = ReportFields.FindAll(fields, "Reported-Domain"u8, MaxRepeated, options.MaxTextLength),
        };
    }

    private string? Find(ReadOnlySpan<byte> fields, ReadOnlySpan<byte> name) => ReportFields.Find(fields, name, options.MaxTextLength);

    private static byte[] WithoutEmptyLines(ReadOnlySpan<byte> part)
    {
        var fields = new MemoryStream(part.Length);
        foreach (var range in ReportFields.Groups(part, 10))
        {
            fields.Write(part[range]);
        }

        return fields.ToArray();
    }
}
