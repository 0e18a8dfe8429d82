namespace Smtpy.Mail.Bounces;

/// <summary>
/// From a refusal's codes and words to what it means. Where codes and words disagree, the answer that does less harm is
/// taken: a mailbox wrongly called gone is paused, one wrongly called blocked is only looked at.
/// </summary>
public static class BounceClassifier
{
    private static readonly string[] Gone =
    [
        "user unknown", "unknown user", "no such user", "no such mailbox", "no such recipient", "no such address", "nosuchuser",
        "unknown recipient", "recipient unknown", "unknown mailbox", "mailbox unavailable", "mailbox not found", "mailbox does not exist",
        "user not found", "recipient not found", "recipnotfound", "address not found", "does not exist", "doesn't exist", "no mailbox here",
        "invalid recipient", "invalid mailbox", "invalid address", "unrouteable address", "unroutable address", "not listed in domino directory",
        "account has been disabled", "account is disabled", "mailbox disabled", "account disabled", "mailbox is inactive", "inactive mailbox",
        "account that you tried to reach is disabled", "no longer active", "not a valid mailbox", "not a known user", "host not found",
        "domain not found", "name or service not known", "couldn't find any host", "wasn't found at", "unknown address", "user doesn't have",
        "isn't in my control/locals", "no account by that name", "not our customer",

        // Exchange Online's words for a recipient that its directory does not have.
        "recipient address rejected: access denied",
    ];

    private static readonly string[] Full =
    [
        "mailbox full", "mailbox is full", "over quota", "quota exceeded", "exceeded quota", "quotaexceeded", "out of storage",
        "storage limit", "insufficient disk", "insufficient storage", "no space left", "inbox is full", "exceeds its quota", "over its quota",
        "mailbox size limit", "overquota",
    ];

    private static readonly string[] Refused =
    [
        "spam", "blocked", "blacklist", "block list", "blocklist", "denylist", "deny list", "spamhaus", "barracudacentral", "reputation",
        "unsolicited", "dmarc", "policy", "not authorized", "not authenticated", "authentication required", "unauthenticated", "banned",
        "content rejected", "message rejected", "virus", "malware", "phish", "spf check", "spf fail", "dkim", "rate limit", "rate that prevents",
        "poor standing", "prohibited", "administrative prohibition", "access denied", "bulk mail", "relay access", "unable to relay", "relaying denied",
    ];

    private static readonly string[] Temporary =
    [
        "try again", "timed out", "timeout", "connection refused", "greylist", "graylist", "temporar", "too many hops", "mail loop",
        "loops back", "too large", "size limit", "exceeds maximum", "retry time", "connection reset", "no route to host", "not yet been delivered",
    ];

    /// <param name="status">RFC 3463, or null.</param>
    /// <param name="replyCode">RFC 5321, or 0.</param>
    /// <param name="diagnostic">The refusing server's words.</param>
    /// <returns>HardBounce, SoftBounce, Blocked or UnclassifiedBounce.</returns>
    public static ReportKind Classify(string? status, int replyCode, string diagnostic)
    {
        ArgumentNullException.ThrowIfNull(diagnostic);
        var gone = Says(diagnostic, Gone);
        var refused = Says(diagnostic, Refused);

        // 5.0.0 only repeats that it failed (RFC 3463 section 3.1).
        var byStatus = status is null ? ReportKind.UnclassifiedBounce : ByStatus(status);
        if (byStatus == ReportKind.Blocked)
        {
            // Some servers say 5.7.1 for everything, and the reason in words.
            return gone && !refused && status!.StartsWith("5.7.", StringComparison.Ordinal) ? ReportKind.HardBounce : byStatus;
        }

        if (Says(diagnostic, Full))
        {
            return ReportKind.SoftBounce;
        }

        if (refused && !gone)
        {
            // Also a 4yz that ran out of tries: it is the words that name the sender's standing.
            return ReportKind.Blocked;
        }

        if (byStatus != ReportKind.UnclassifiedBounce)
        {
            return byStatus;
        }

        return gone && replyCode / 100 != 4 ? ReportKind.HardBounce
            : replyCode / 100 == 4 || replyCode == 552 || Says(diagnostic, Temporary) ? ReportKind.SoftBounce
            : ReportKind.UnclassifiedBounce;
    }

    private static ReportKind ByStatus(string status) => status switch
    {
        // RFC 3463 sections 3.2 to 3.8; RFC 7505 (5.1.10), RFC 7372 (5.7.20 and on), and what Exchange Online adds.
        "5.1.1" or "5.1.2" or "5.1.3" or "5.1.4" or "5.1.6" or "5.1.10" or "5.2.1" or "5.4.4" or "5.4.310" => ReportKind.HardBounce,
        "5.1.7" or "5.1.8" or "5.1.9" => ReportKind.Blocked,
        "5.2.2" or "5.2.3" or "5.2.4" or "5.3.1" or "5.3.4" => ReportKind.SoftBounce,
        ['5', '.', '4', '.', ..] when status is not ("5.4.0" or "5.4.1") => ReportKind.SoftBounce,
        ['5', '.', '6', '.', ..] => ReportKind.Blocked,
        ['5', '.', '7', '.', ..] => ReportKind.Blocked,
        ['4', ..] => ReportKind.SoftBounce,
        _ => ReportKind.UnclassifiedBounce,
    };

    private static bool Says(string text, string[] phrases)
    {
        foreach (var phrase in phrases)
        {
            if (text.Contains(phrase, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
