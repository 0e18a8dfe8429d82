using System.Text;

namespace Smtpy.Mail.Tests.Bounces;

/// <summary>Messages that come back, one for each shape. Written for these tests after what the programs are known to send.</summary>
internal static class Samples
{
    /// <summary>A report by RFC 3464 with the given recipient groups.</summary>
    public static string DeliveryStatus(string groups, string type = "message/delivery-status", string returned = "text/rfc822-headers") => $"""
        From: MAILER-DAEMON@mx.mail.example (Mail Delivery System)
        To: b-1@alias.example
        Subject: Undelivered Mail Returned to Sender
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

        --cut
        Content-Type: text/plain; charset=us-ascii

        This is the mail system at host mx.mail.example.

        --cut
        Content-Type: {type}

        Reporting-MTA: dns; mx.mail.example
        X-Queue-ID: 4F2A1
        Arrival-Date: Sun,  1 Mar 2026 10:00:00 +0000

        {groups}

        --cut
        Content-Type: {returned}

        Delivered-To: shop@alias.example
        Received: from client.example
        Message-ID: <original-1@shop.example>
        Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=
        From: jane@shop.example

        --cut--
        """;

    public const string Qmail = """
        From: MAILER-DAEMON@qm.example
        To: b-1@alias.example
        Subject: failure notice

        Hi. This is the qmail-send program at qm.example.
        I'm afraid I wasn't able to deliver your message to the following addresses.
        This is a permanent error; I've given up. Sorry it didn't work out.

        <jane@mail.example>:
        192.0.2.25 does not like recipient.
        Remote host said: 550 5.1.1 No such user here
        Giving up on 192.0.2.25.

        <joe@mail.example>:
        Sorry, the mailbox is full. (#5.2.2)

        --- Below this line is a copy of the message.

        Return-Path: <b-1@alias.example>
        Delivered-To: shop@alias.example
        Message-ID: <original-1@shop.example>
        Subject: Order 550 5.7.1 spam

        Hello
        """;

    public const string Exim = """
        From: Mail Delivery System <Mailer-Daemon@exim.example>
        To: b-1@alias.example
        X-Failed-Recipients: jane@mail.example
        Auto-Submitted: auto-replied
        Subject: Mail delivery failed: returning message to sender

        This message was created automatically by mail delivery software.

        A message that you sent could not be delivered to one or more of its
        recipients. This is a permanent error. The following address(es) failed:

          jane@mail.example
            host mx.mail.example [192.0.2.25]
            SMTP error from remote mail server after RCPT TO:<jane@mail.example>:
            550 5.7.1 Rejected: 198.51.100.7 is listed at a blocklist

        ------ This is a copy of the message, including all the headers. ------

        Message-ID: <original-1@shop.example>
        """;

    public const string EximDelay = """
        From: Mail Delivery System <Mailer-Daemon@exim.example>
        Auto-Submitted: auto-replied
        Subject: Warning: message 1aBcDe-000001-XY delayed 24 hours

        This message was created automatically by mail delivery software.
        A message that you sent has not yet been delivered to one or more of its
        recipients after more than 24 hours on the queue on exim.example.

        The address to which the message has not yet been delivered is:

          jane@mail.example
            Delay reason: connection timed out

        No action is required on your part.
        """;

    public const string OldPostfix = """
        From: MAILER-DAEMON@pf.example (Mail Delivery System)
        Subject: Undelivered Mail Returned to Sender

        This is the mail system at host pf.example.

        I'm sorry to have to inform you that your message could not
        be delivered to one or more recipients.

        <jane@mail.example>: host mx.mail.example[192.0.2.25] said: 450 4.2.0
            Mailbox busy, try again (in reply to RCPT TO command)
        """;

    public const string Sendmail = """
        From: Mail Delivery Subsystem <MAILER-DAEMON@sm.example>
        Subject: Returned mail: see transcript for details

        The original message was received at Sun, 1 Mar 2026 10:00:00 GMT

           ----- The following addresses had permanent fatal errors -----
        <jane@mail.example>
            (reason: 550 5.1.2 Host unknown)

           ----- Transcript of session follows -----
        550 5.1.2 <jane@mail.example>... Host unknown (Name server: mail.example: host not found)
        """;

    public const string Exchange = """
        From: postmaster@exchange.example
        Subject: Undeliverable: Order
        Content-Type: text/html; charset=iso-8859-1

        <html><body><p><b>Delivery has failed to these recipients or groups:</b></p>
        <p>jane@mail.example (jane@mail.example)<br>
        The email address you entered couldn&#39;t be found.</p>
        <p>Remote Server returned &#39;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found&#39;</p>
        <p>Original message headers:<br>Message-ID: &lt;original-1@shop.example&gt;<br></p></body></html>
        """;

    public const string Outlook = """
        From: System Administrator <postmaster@outlook.example>
        Subject: Undeliverable: Order

        Your message did not reach some or all of the intended recipients.

              Subject:  Order
              Sent:     3/1/2026 10:00 AM

        The following recipient(s) cannot be reached:

              jane@mail.example on 3/1/2026 10:00 AM
                    The recipient's mailbox is full.
                    <exchange.example #5.2.2>
        """;

    public const string OldGmail = """
        From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
        X-Failed-Recipients: jane@mail.example
        Subject: Delivery Status Notification (Failure)

        Delivery to the following recipient failed permanently:

             jane@mail.example

        Technical details of permanent failure:
        The server said: 550-5.1.1 The email account that you tried to reach does not exist.

        ----- Original message -----

        Message-ID: <original-1@shop.example>
        """;

    public const string Domino = """
        From: postmaster@domino.example
        Subject: DELIVERY FAILURE: User jane (jane@mail.example) not listed in Domino Directory

        Your message

          Subject: Order

        was not delivered to:

          jane@mail.example

        because:

          User jane (jane@mail.example) not listed in Domino Directory
        """;

    public const string PlainText = """
        From: MAILER-DAEMON@plain.example
        Subject: Delivery failure

        Sorry. The other side answered
        554 5.7.1 Message refused for reputation reasons
        """;

    public const string Shrug = """
        From: MAILER-DAEMON@plain.example
        Subject: Delivery failure

        Something went wrong.
        """;

    public const string Vacation = """
        From: Jane <jane@mail.example>
        Subject: Gone fishing
        Auto-Submitted: auto-replied (vacation)

        I am away until Monday. For orders call 550 5.1.1.
        """;

    public const string WeakVacation = """
        From: Jane <jane@mail.example>
        Subject: =?utf-8?Q?R=C3=A9ponse_automatique_:_absence?=
        X-Auto-Response-Suppress: All

        Absente.
        """;

    public const string Challenge = """
        From: guard@mail.example
        Subject: Please confirm your message
        Precedence: bulk

        Your message is held until you confirm that you sent it.
        """;

    public const string Receipt = """
        From: jane@mail.example
        Subject: Read: Order
        Content-Type: multipart/report; report-type=disposition-notification; boundary=cut

        --cut
        Content-Type: text/plain

        Read.
        --cut
        Content-Type: message/disposition-notification

        Final-Recipient: rfc822; jane@mail.example
        Disposition: manual-action/MDN-sent-manually; displayed
        --cut--
        """;

    /// <summary>A complaint by RFC 5965 with this Feedback-Type.</summary>
    public static string Feedback(string type) => $"""
        From: feedback@provider.example
        Subject: FW: Order
        Content-Type: multipart/report; report-type=feedback-report; boundary=cut

        --cut
        Content-Type: text/plain

        This is an abuse report.
        --cut
        Content-Type: message/feedback-report

        Feedback-Type: {type}
        User-Agent: Reporter/1.0
        Version: 1
        Original-Mail-From: <b-1@alias.example>
        Original-Rcpt-To: <jane@mail.example>
        Arrival-Date: Sun, 01 Mar 2026 10:00:00 +0000
        Source-IP: 192.0.2.25
        Reported-Domain: alias.example
        --cut
        Content-Type: message/rfc822

        Delivered-To: shop@alias.example
        Message-ID: <original-1@shop.example>
        Subject: Order

        Hello
        --cut--
        """;

    public const string OutlookComplaint = """
        From: staff@hotmail.com
        Subject: complaint about message from 192.0.2.25
        Content-Type: multipart/mixed; boundary=cut

        --cut
        Content-Type: message/rfc822

        X-HmXmrOriginalRecipient: <jane@outlook.example>
        Message-ID: <original-1@shop.example>
        Subject: Order

        Hello
        --cut--
        """;

    public const string ForwardedBounce = """
        From: Jane <jane@mail.example>
        Subject: Fwd: look what came back
        Content-Type: multipart/mixed; boundary=outer

        --outer
        Content-Type: text/plain

        Why is that?
        --outer
        Content-Type: message/rfc822

        From: MAILER-DAEMON@mx.mail.example
        Content-Type: multipart/report; report-type=delivery-status; boundary=cut

        --cut
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.mail.example

        Final-Recipient: rfc822; joe@mail.example
        Action: failed
        Status: 5.1.1
        --cut--
        --outer--
        """;

    public const string Personal = """
        From: Jane <jane@mail.example>
        Subject: Re: Undeliverable? Out of office?

        It said 550 5.1.1 user unknown, could not be delivered to one or more recipients.
        """;

    public static IEnumerable<string> All =>
    [
        DeliveryStatus("Final-Recipient: rfc822; jane@mail.example\nAction: failed\nStatus: 5.1.1"),
        Qmail, Exim, EximDelay, OldPostfix, Sendmail, Exchange, Outlook, OldGmail, Domino, PlainText, Shrug, Vacation, WeakVacation, Challenge,
        Receipt, Feedback("abuse"), OutlookComplaint, ForwardedBounce, Personal,
    ];

    /// <summary>As it comes over the wire.</summary>
    public static byte[] Octets(string sample) => Encoding.UTF8.GetBytes(sample.ReplaceLineEndings("\r\n") + "\r\n");
}
