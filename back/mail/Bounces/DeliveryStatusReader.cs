namespace Smtpy.Mail.Bounces;

/// <summary>message/delivery-status (RFC 3464), also in its RFC 6533 form and as it is often done wrong.</summary>
internal sealed class DeliveryStatusReader(BounceReaderOptions options)
{
    /// <summary>Null where the part has no recipient in it.</summary>
    public MailReport? Read(ReadOnlySpan<byte> part, string humanText)
    {
        var recipients = new List<ReportedRecipient>();
        string? reportingMta = null;

        // The message's own group and one for each recipient. Some leave the empty line between out: a group is a recipient's
        // when it names one.
        foreach (var range in ReportFields.Groups(part, options.MaxRecipients + 1))
        {
            var group = part[range];
            reportingMta ??= ReportFields.Untyped(Find(group, "Reporting-MTA"u8));
            if (recipients.Count < options.MaxRecipients && ReadRecipient(group, humanText) is { } recipient)
            {
                recipients.Add(recipient);
            }
        }

        return recipients.Count == 0 ? null
            : MailReports.From(ReportShape.DeliveryStatus, recipients) with { ReportingMta = reportingMta };
    }

    private ReportedRecipient? ReadRecipient(ReadOnlySpan<byte> group, string humanText)
    {
        var final = ReportFields.Address(Find(group, "Final-Recipient"u8));
        var original = ReportFields.Address(Find(group, "Original-Recipient"u8));
        var action = Find(group, "Action"u8);
        var statusText = Find(group, "Status"u8);
        if (final is null && original is null && (action is null || statusText is null))
        {
            return null;
        }

        var diagnostic = ReportFields.Untyped(Find(group, "Diagnostic-Code"u8)) ?? "";
        var status = StatusCode.FindEnhanced(statusText);
        if (status is null or "5.0.0" or "4.0.0")
        {
            // The remote server's own code says more than the reporter's shrug.
            status = StatusCode.FindEnhanced(diagnostic) ?? status;
        }

        // Without a diagnostic the reason is in the text for people, if anywhere.
        var words = diagnostic.Length > 0 ? diagnostic : humanText;
        return new ReportedRecipient(
            final ?? original ?? "", original, Kind(action, status, words), status, diagnostic,
            ReportFields.Untyped(Find(group, "Remote-MTA"u8)));
    }

    /// <summary>RFC 3464 section 2.3.3. A comment or further words may follow the action.</summary>
    private static ReportKind Kind(string? action, string? status, string words)
    {
        var word = action is null ? "" : action.Split([' ', '(', ';', ','], 2)[0];
        return word.ToLowerInvariant() switch
        {
            "delayed" => ReportKind.Delayed,
            "delivered" or "relayed" or "expanded" => ReportKind.Delivered,
            _ when word.Length == 0 && status is ['2', ..] => ReportKind.Delivered,
            _ => BounceClassifier.Classify(status, StatusCode.FindReply(words), words),
        };
    }

    private string? Find(ReadOnlySpan<byte> group, ReadOnlySpan<byte> name) => ReportFields.Find(group, name, options.MaxTextLength);
}

/// <summary>Reports made of their recipients.</summary>
internal static class MailReports
{
    // What needs doing most comes first: one mailbox that is gone is not hidden by ten that got the message.
    private static readonly ReportKind[] ByGravity =
    [
        ReportKind.HardBounce, ReportKind.Blocked, ReportKind.UnclassifiedBounce, ReportKind.SoftBounce, ReportKind.Delayed, ReportKind.Delivered,
    ];

    public static MailReport From(ReportShape shape, List<ReportedRecipient> recipients)
    {
        var gravest = recipients[0];
        foreach (var recipient in recipients)
        {
            if (Array.IndexOf(ByGravity, recipient.Kind) < Array.IndexOf(ByGravity, gravest.Kind))
            {
                gravest = recipient;
            }
        }

        return new MailReport
        {
            Kind = gravest.Kind,
            Shape = shape,
            Status = gravest.Status,
            Diagnostic = gravest.Diagnostic,
            RemoteMta = gravest.RemoteMta,
            Recipients = recipients,
        };
    }
}
