using Smtpy.Mail.Addresses;

namespace Smtpy.Mail.Bounces;

/// <summary>
/// Complaints that are not RFC 5965: Outlook.com (junk mail reporting programme) sends the message back under a covering
/// note, and says who complained in a field of the returned header.
/// </summary>
internal static class Complaints
{
    private static readonly string[] RecipientFields = ["X-HmXmrOriginalRecipient", "X-Original-Recipient"];

    /// <returns>Null where it is none.</returns>
    public static MailReport? Read(string subject, string from, ReportParts parts, BounceReaderOptions options)
    {
        var headers = parts.OriginalHeaders;
        if (headers is null || !(IsReporter(from) || subject.StartsWith("complaint about message from", StringComparison.OrdinalIgnoreCase)))
        {
            return null;
        }

        var who = RecipientFields.Select(name => headers[name]).FirstOrDefault(static value => value is not null);
        return new MailReport
        {
            Kind = ReportKind.Complaint,
            Shape = ReportShape.ComplaintText,
            Recipients = who is null || !EmailAddress.TryParse(ReportFields.OneLine(who, options.MaxTextLength).Trim('<', '>'), out var address)
                ? []
                : [new ReportedRecipient(address.Address, null, ReportKind.Complaint, null, "", null)],
        };
    }

    private static bool IsReporter(string from) =>
        from.Equals("staff@hotmail.com", StringComparison.OrdinalIgnoreCase)
        || from.EndsWith("@feedback.outlook.com", StringComparison.OrdinalIgnoreCase);
}
