using System.Globalization;
using Smtpy.Mail.Bounces;

namespace Smtpy.Mail.Notices;

/// <summary>
/// The notices that owners get, in words. What comes from outside (senders, reasons, server replies) is put on one line and
/// cut, and stands apart, so that it cannot be taken for ours.
/// </summary>
public static class OwnerNotices
{
    private const int MaxAddress = 256;
    private const int MaxReason = 500;

    /// <param name="address">The address that the message was sent to.</param>
    /// <param name="sender">Who sent it, as far as is known; null sender: empty.</param>
    /// <param name="reason">Why it is held, in one line.</param>
    /// <param name="ways">Lines: how it can be looked at, released and deleted.</param>
    /// <param name="until">When it is deleted if nothing is done.</param>
    public static Notice MessageHeld(string address, string sender, string reason, string ways, DateTimeOffset until) => new(
        $"A message to {Address(address)} is held",
        $"""
        A message to {Address(address)} was not forwarded. It is held.

            From: {Sender(sender)}
            Why: {Line(reason)}

        Look at it, and release or delete it:
        {ways}

        If you do nothing it is deleted on {Day(until)}.

        """);

    /// <param name="alias">The alias that it was to leave by.</param>
    /// <param name="contact">Whom it was meant for.</param>
    /// <param name="reason">Why it is held, in one line.</param>
    /// <param name="ways">As of <see cref="MessageHeld"/>.</param>
    /// <param name="until">When it is deleted if nothing is done.</param>
    public static Notice ReplyHeld(string alias, string contact, string reason, string ways, DateTimeOffset until) => new(
        $"Your message through {Address(alias)} is held",
        $"""
        Your message to {Address(contact)} through {Address(alias)} was not sent. It is held.

            Why: {Line(reason)}

        Look at it, and release or delete it:
        {ways}

        If you do nothing it is deleted on {Day(until)}.

        """);

    /// <param name="alias">The alias that the message went through.</param>
    /// <param name="recipient">The mailbox or contact that it did not reach.</param>
    /// <param name="report">What came back.</param>
    /// <param name="ways">Lines: how the message's story can be read.</param>
    public static Notice BounceSeen(string alias, string recipient, MailReport report, string ways) => new(
        $"A message through {Address(alias)} came back",
        $"""
        A message through {Address(alias)} could not be delivered to {Address(recipient)}.
        {Meaning(report)}

            The other server said: {(report.Diagnostic.Length == 0 ? "nothing more" : Line(report.Diagnostic))}

        What happened to it:
        {ways}

        """);

    /// <param name="recipient">The mailbox that mail came back from.</param>
    /// <param name="bounces">How many messages came back.</param>
    /// <param name="ways">Lines: how the mailbox can be switched on again.</param>
    public static Notice RecipientPaused(string recipient, int bounces, string ways) => new(
        $"Mail to {Address(recipient)} is paused",
        string.Create(CultureInfo.InvariantCulture, $"""
        Nothing is forwarded to {Address(recipient)} any more, because {bounces} messages came back
        from there. Going on would give your mail a bad name. What comes for it is held.

        Make sure that the mailbox works, then switch it on again:
        {ways}

        """));

    /// <param name="alias">The alias that the reply was to leave through.</param>
    /// <param name="contact">Whom it was meant for.</param>
    /// <param name="reason">Why, as a clause: "your mail server did not sign it".</param>
    public static Notice ReplyRefused(string alias, string contact, string reason) => new(
        $"Your reply through {Address(alias)} was not sent",
        $"""
        Your reply to {Address(contact)} through {Address(alias)} was not sent, because
        {Line(reason)}. It would not have been safe to send: anybody could have written it.

        If it was not you who wrote it, you need not do anything. Otherwise write from a
        mailbox that the alias forwards to, by a mail server whose SPF or DKIM passes for
        its domain, or sign in with the alias's SMTP password.

        """);

    private static string Meaning(MailReport report) => report.Kind switch
    {
        // RFC 3463 section 3.5.
        _ when report.Status == "5.4.6" => "It came round to where it had been before: the recipient of an alias leads back to an alias.",
        ReportKind.HardBounce => "That address does not exist or is closed.",
        ReportKind.SoftBounce => "It may work another time: the mailbox may be full, or its server had trouble.",
        ReportKind.Blocked => "The other server refused the message, perhaps as spam.",
        ReportKind.Complaint => "It was reported as spam there.",
        _ => "The other server does not say clearly why.",
    };

    private static string Address(string address) => ReportFields.OneLine(address, MaxAddress);

    private static string Sender(string sender) => sender.Length == 0 ? "a mail server (no sender address)" : Address(sender);

    private static string Line(string text) => ReportFields.OneLine(text, MaxReason);

    private static string Day(DateTimeOffset day) => day.UtcDateTime.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);
}
