using System.Buffers;
using Smtpy.Mail.Addresses;

namespace Smtpy.Mail.Bounces;

/// <summary>
/// Reports without machine-readable fields: qmail, Exim, old Postfix, sendmail, Exchange, Gmail, Domino, and whatever else
/// says in words that a message did not arrive. What they share is read, not their grammars: a line that begins with an
/// address starts a recipient, the lines below are its reason, codes are wherever they are, and a copy of the message ends it.
/// </summary>
internal sealed class BounceText(BounceReaderOptions options)
{
    /// <summary>Lines that belong to one recipient. 12: the longest of the known ones has eight.</summary>
    private const int MaxReasonLines = 12;

    private static readonly SearchValues<char> HostEnds = SearchValues.Create(" [:(\r\n");

    private static readonly string[] Subjects =
    [
        "undeliver", "undelivered", "failure notice", "delivery failed", "delivery failure", "delivery status notification", "returned mail",
        "mail delivery failure", "mail delivery system", "nondeliverable", "non-deliverable", "not delivered", "could not be delivered",
        "delivery has failed", "mail system error", "message delayed", "delayed mail", "warning: could not send", "delivery problem",
        "unzustellbar", "non remis", "no se puede entregar", "mancato recapito", "niet bestelbaar", "onbestelbaar",
    ];

    private static readonly string[] Openings =
    [
        "hi. this is the", "this message was created automatically by mail delivery", "this is the mail system at host",
        "i'm sorry to have to inform you", "a message that you sent could not be delivered", "could not be delivered to one or more",
        "delivery to the following recipient", "did not reach some or all of the intended recipients", "delivery has failed to these",
        "the following addresses had permanent", "the following addresses had transient", "wasn't delivered to", "was not delivered to",
        "your message couldn't be delivered", "your message could not be delivered", "unable to deliver", "undeliverable", "i wasn't able to deliver",
        "the following message to", "this is a permanent error", "this is an automatically generated delivery status",
        "failed to deliver", "has not yet been delivered", "has not been delivered",
    ];

    private static readonly string[] DelayWords =
    [
        "this is a warning message only", "you do not need to resend", "has not yet been delivered", "will be retried", "will keep trying",
        "delivery will continue to be attempted", "delivery attempts will continue", "message delayed", "has not been delivered yet",
    ];

    private static readonly string[] CopyMarks =
    [
        "below this line is a copy of the message", "this is a copy of the message", "this is a copy of your message", "original message follows",
        "--- original message", "----- original message", "----original message", "------ original message", "unsent message follows",
        "message headers follow", "original message headers", "the header of the original message", "returned message",
        "message header follows",
    ];

    /// <param name="subject">Decoded.</param>
    /// <param name="text">Of the first text part.</param>
    /// <param name="failedRecipients">X-Failed-Recipients, where there is one: Exim and Gmail say it there.</param>
    /// <param name="fromMailSystem">Whether the envelope sender is null or the From is a mail system's: words alone are no bounce.</param>
    /// <returns>Null where it is none.</returns>
    public MailReport? Read(string subject, string text, IReadOnlyList<string> failedRecipients, bool fromMailSystem)
    {
        var (report, copy) = Split(text);
        var hinted = fromMailSystem && (Says(subject, Subjects) || Says(report, Openings));
        if (failedRecipients.Count == 0 && !hinted)
        {
            return null;
        }

        var isDelay = Says(report, DelayWords) || Says(subject, DelayWords);
        var recipients = Recipients(report, isDelay);
        if (recipients.Count == 0)
        {
            recipients.AddRange(failedRecipients.Take(options.MaxRecipients).DefaultIfEmpty("").Select(address => Recipient(address, report, isDelay)));
        }

        return MailReports.From(ReportShape.BounceText, recipients) with { Original = ReturnedMessages.FromText(copy, options) };
    }

    private List<ReportedRecipient> Recipients(string report, bool isDelay)
    {
        var recipients = new List<ReportedRecipient>();
        var lines = report.Split('\n');
        for (var i = 0; i < lines.Length && recipients.Count < options.MaxRecipients; i++)
        {
            if (!TryAddress(lines[i], out var address, out var rest))
            {
                continue;
            }

            var reason = Reason(lines, i, rest);
            recipients.Add(Recipient(address, reason.Length > 0 ? reason : report, isDelay));
        }

        // sendmail lists the failed addresses, then what the server said to each, in angle brackets again.
        var different = recipients.GroupBy(static r => r.Address, StringComparer.OrdinalIgnoreCase)
            .Select(static same => same.FirstOrDefault(static r => r.Status is not null) ?? same.First()).ToList();

        // Exchange and Domino give the reason for a lone recipient elsewhere in the text.
        return different is [{ Status: null } lone] ? [Recipient(lone.Address, report, isDelay, lone.Diagnostic)] : different;
    }

    private ReportedRecipient Recipient(string address, string words, bool isDelay, string? diagnostic = null)
    {
        var status = StatusCode.FindEnhanced(words);
        var kind = isDelay ? ReportKind.Delayed : BounceClassifier.Classify(status, StatusCode.FindReply(words), words);
        return new ReportedRecipient(address, null, kind, status, diagnostic ?? ReportFields.OneLine(words, options.MaxTextLength), RemoteMta(words));
    }

    private static string Reason(string[] lines, int at, string rest)
    {
        var reason = new List<string>();
        if (rest.Length > 0)
        {
            reason.Add(rest);
        }

        for (var i = at + 1; i < lines.Length && reason.Count < MaxReasonLines; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 && reason.Count == 0)
            {
                continue;
            }

            if (line.Length == 0 || TryAddress(lines[i], out _, out _))
            {
                break;
            }

            reason.Add(line);
        }

        return string.Join(' ', reason);
    }

    /// <summary>"&lt;jane@shop.example&gt;: reason", "jane@shop.example", "jane@shop.example (Jane)", "jane@shop.example on 3/1/2026".</summary>
    private static bool TryAddress(string line, out string address, out string rest)
    {
        (address, rest) = ("", "");
        var text = line.AsSpan().Trim();
        if (text.Length is < 3 or > 1000 || !text.Contains('@'))
        {
            return false;
        }

        var bracketed = text[0] == '<';
        var end = bracketed ? text.IndexOf('>') : text.IndexOfAny(' ', '\t', '(');
        end = end < 0 ? text.Length : end;
        var candidate = text[(bracketed ? 1 : 0)..end].TrimEnd(':');
        var behind = text[Math.Min(text.Length, end + (bracketed ? 1 : 0))..].Trim();
        if (!EmailAddress.TryParse(candidate.ToString(), out var parsed)
            || !(behind.IsEmpty || behind[0] is ':' or '(' || behind.StartsWith("on ") || (!bracketed && text[end - 1] == ':')))
        {
            return false;
        }

        var isName = !behind.IsEmpty && (behind[0] == '(' || behind.StartsWith("on "));
        (address, rest) = (parsed.Address, isName ? "" : behind.TrimStart(": ").ToString());
        return true;
    }

    /// <summary>"host mx.shop.example[192.0.2.1] said", "host mx.shop.example [192.0.2.1]:".</summary>
    private static string? RemoteMta(string words)
    {
        var at = words.IndexOf("host ", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return null;
        }

        var name = words.AsSpan(at + 5).TrimStart();
        var end = name.IndexOfAny(HostEnds);
        name = end < 0 ? name : name[..end];
        return name.Contains('.') && DomainName.TryNormalize(name.ToString(), out var host) ? host : null;
    }

    private static (string Report, string Copy) Split(string text)
    {
        var cut = text.Length;
        foreach (var mark in CopyMarks)
        {
            var at = text.AsSpan(0, cut).IndexOf(mark, StringComparison.OrdinalIgnoreCase);
            cut = at >= 0 ? at : cut;
        }

        return (text[..cut], text[cut..]);
    }

    private static bool Says(string text, string[] phrases) =>
        Array.Exists(phrases, phrase => text.Contains(phrase, StringComparison.OrdinalIgnoreCase));
}
