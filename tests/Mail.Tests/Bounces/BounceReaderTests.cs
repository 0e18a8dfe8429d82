using Smtpy.Mail.Bounces;
using Xunit;

namespace Smtpy.Mail.Tests.Bounces;

public sealed class BounceReaderTests
{
    private readonly BounceReader _reader = new();

    /// <summary>RFC 3464 sections 2.3.3 and 2.3.4, RFC 3463 section 3, and the words of servers that misuse them.</summary>
    [Theory]
    [InlineData("failed", "5.1.1", "smtp; 550 5.1.1 user unknown", ReportKind.HardBounce, "5.1.1")]
    [InlineData("failed (given up)", "5.1.10 (no MX)", "", ReportKind.HardBounce, "5.1.10")]
    [InlineData("FAILED", "5.0.0", "smtp; 550-5.2.1 The account is disabled", ReportKind.HardBounce, "5.2.1")]
    [InlineData("failed", "5.0.0", "smtp; 550 mailbox unavailable", ReportKind.HardBounce, "5.0.0")]
    [InlineData("failed", "5.7.1", "smtp; 550 5.7.1 no such user", ReportKind.HardBounce, "5.7.1")]
    [InlineData("failed", "5.4.1", "smtp; 550 5.4.1 Recipient address rejected: Access denied", ReportKind.HardBounce, "5.4.1")]
    [InlineData("failed", "5.2.2", "smtp; 552 5.2.2 over quota", ReportKind.SoftBounce, "5.2.2")]
    [InlineData("failed", "5.1.1", "smtp; 550 5.1.1 mailbox is full", ReportKind.SoftBounce, "5.1.1")]
    [InlineData("failed", "4.4.7", "smtp; 421 timed out", ReportKind.SoftBounce, "4.4.7")]
    [InlineData("failed", "5.3.4", "", ReportKind.SoftBounce, "5.3.4")]
    [InlineData("failed", "5.7.26", "smtp; 550-5.7.26 unauthenticated mail", ReportKind.Blocked, "5.7.26")]
    [InlineData("failed", "5.0.0", "smtp; 554 refused, see spamhaus", ReportKind.Blocked, "5.0.0")]
    [InlineData("failed", "5.1.8", "smtp; 550 sender domain does not exist", ReportKind.Blocked, "5.1.8")]
    [InlineData("failed", "5.0.0", "smtp; 554 transaction failed", ReportKind.UnclassifiedBounce, "5.0.0")]
    [InlineData("delayed", "4.4.1", "smtp; 451 later", ReportKind.Delayed, "4.4.1")]
    [InlineData("delivered", "2.1.5", "", ReportKind.Delivered, "2.1.5")]
    [InlineData("relayed", "2.0.0", "", ReportKind.Delivered, "2.0.0")]
    [InlineData("expanded", "2.0.0", "", ReportKind.Delivered, "2.0.0")]
    public void A_delivery_status_means_what_its_codes_and_words_say(string action, string status, string diagnostic, ReportKind kind, string read)
    {
        var report = Read(Samples.DeliveryStatus($"""
            Final-Recipient: rfc822; jane@mail.example
            Action: {action}
            Status: {status}
            Diagnostic-Code: {diagnostic}
            Remote-MTA: dns; mx.remote.example
            """));
        Assert.Equal((kind, ReportShape.DeliveryStatus, read), (report.Kind, report.Shape, report.Status));
        Assert.Equal(("mx.remote.example", "mx.mail.example"), (report.RemoteMta, report.ReportingMta));
        Assert.Equal(diagnostic.Replace("smtp; ", "", StringComparison.Ordinal), report.Diagnostic);
        Assert.Equal("jane@mail.example", Assert.Single(report.Recipients).Address);
        Assert.Equal(kind < ReportKind.Delayed, report.IsFailure);
    }

    [Theory]
    [InlineData("text/rfc822-headers")]
    [InlineData("message/rfc822")]
    [InlineData("message/global-headers")]
    [InlineData("message/global")]
    public void The_returned_message_names_itself_and_our_trace(string type)
    {
        var original = Read(Samples.DeliveryStatus("Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1", returned: type)).Original;
        Assert.NotNull(original);
        Assert.Equal("<original-1@shop.example>", original.MessageId);
        Assert.Equal(["shop@alias.example"], original.DeliveredTo);
    }

    [Fact]
    public void Each_recipient_has_its_own_outcome_and_the_gravest_is_the_reports()
    {
        var report = Read(Samples.DeliveryStatus("""
            Original-Recipient: rfc822;ann@alias.example
            Final-Recipient: rfc822;ann@mail.example
            Action: delivered
            Status: 2.0.0

            Final-Recipient: rfc822; <joe@mail.example>
            Action: failed
            Status: 5.2.2

            Final-Recipient: rfc822; jane@mail.example
            Action: failed
            Status: 5.1.1
            Diagnostic-Code: smtp; 550 5.1.1
             no such
             user
            """));
        Assert.Equal((ReportKind.HardBounce, "5.1.1", "550 5.1.1 no such user"), (report.Kind, report.Status, report.Diagnostic));
        Assert.Equal(
            [("ann@mail.example", ReportKind.Delivered), ("joe@mail.example", ReportKind.SoftBounce), ("jane@mail.example", ReportKind.HardBounce)],
            report.Recipients.Select(r => (r.Address, r.Kind)));
        Assert.Equal("ann@alias.example", report.Recipients[0].OriginalAddress);
    }

    /// <summary>RFC 6533 sections 3 and 4.</summary>
    [Theory]
    [InlineData("message/delivery-status", "utf-8; j\\x{F6}rg@mail.example")]
    [InlineData("message/global-delivery-status", "utf-8; j\u00f6rg@mail.example")]
    public void Internationalised_recipients_are_read_in_both_forms(string type, string recipient)
    {
        var report = Read(Samples.DeliveryStatus($"Final-Recipient: {recipient}\nAction: failed\nStatus: 5.1.1", type));
        Assert.Equal("j\u00f6rg@mail.example", Assert.Single(report.Recipients).Address);
    }

    public static TheoryData<string, ReportKind, string, string?, string?> OddShapes => new()
    {
        { Samples.Qmail, ReportKind.HardBounce, "jane@mail.example joe@mail.example", "5.1.1", "<original-1@shop.example>" },
        { Samples.Exim, ReportKind.Blocked, "jane@mail.example", "5.7.1", "<original-1@shop.example>" },
        { Samples.EximDelay, ReportKind.Delayed, "jane@mail.example", null, null },
        { Samples.OldPostfix, ReportKind.SoftBounce, "jane@mail.example", "4.2.0", null },
        { Samples.Sendmail, ReportKind.HardBounce, "jane@mail.example", "5.1.2", null },
        { Samples.Exchange, ReportKind.HardBounce, "jane@mail.example", "5.1.10", "<original-1@shop.example>" },
        { Samples.Outlook, ReportKind.SoftBounce, "jane@mail.example", "5.2.2", null },
        { Samples.OldGmail, ReportKind.HardBounce, "jane@mail.example", "5.1.1", "<original-1@shop.example>" },
        { Samples.Domino, ReportKind.HardBounce, "jane@mail.example", null, null },
        { Samples.PlainText, ReportKind.Blocked, "", "5.7.1", null },
        { Samples.Shrug, ReportKind.UnclassifiedBounce, "", null, null },
    };

    [Theory]
    [MemberData(nameof(OddShapes))]
    public void A_bounce_in_words_is_read(string sample, ReportKind kind, string recipients, string? status, string? messageId)
    {
        var report = Read(sample);
        Assert.Equal((kind, ReportShape.BounceText), (report.Kind, report.Shape));
        Assert.Equal(recipients, string.Join(' ', report.Recipients.Select(r => r.Address)));
        Assert.Equal(status, report.Status);
        Assert.Equal(messageId, report.Original?.MessageId);
    }

    [Fact]
    public void Qmails_second_recipient_has_its_own_reason_and_the_copy_is_not_judged()
    {
        var report = Read(Samples.Qmail);
        Assert.Equal((ReportKind.SoftBounce, "5.2.2"), (report.Recipients[1].Kind, report.Recipients[1].Status));
        Assert.Equal(["shop@alias.example"], report.Original!.DeliveredTo);
    }

    [Theory]
    [InlineData(nameof(Samples.Exim))]
    [InlineData(nameof(Samples.OldPostfix))]
    public void The_remote_host_is_found_in_words(string name) =>
        Assert.Equal("mx.mail.example", Read(name == nameof(Samples.Exim) ? Samples.Exim : Samples.OldPostfix).RemoteMta);

    [Fact]
    public void Answers_by_programs_are_no_bounces()
    {
        Assert.Equal((ReportKind.AutoReply, ReportShape.Responder), KindAndShape(Samples.Vacation, nullSender: true));
        Assert.Equal((ReportKind.AutoReply, ReportShape.Responder), KindAndShape(Samples.Vacation, nullSender: false));
        Assert.Equal((ReportKind.AutoReply, ReportShape.Responder), KindAndShape(Samples.WeakVacation, nullSender: false));
        Assert.Equal((ReportKind.AutoReply, ReportShape.Challenge), KindAndShape(Samples.Challenge, nullSender: false));
        Assert.Equal((ReportKind.AutoReply, ReportShape.Disposition), KindAndShape(Samples.Receipt, nullSender: true));
    }

    [Fact]
    public void What_a_person_wrote_or_forwarded_is_no_bounce()
    {
        Assert.Equal((ReportKind.NotABounce, ReportShape.None), KindAndShape(Samples.Personal, nullSender: false));
        Assert.Equal((ReportKind.NotABounce, ReportShape.None), KindAndShape(Samples.ForwardedBounce, nullSender: false));
    }

    /// <summary>RFC 5965 section 3, RFC 6650 section 3, RFC 6430 (not-spam), RFC 6591 (auth-failure).</summary>
    [Theory]
    [InlineData("abuse", ReportKind.Complaint)]
    [InlineData("Fraud", ReportKind.Complaint)]
    [InlineData("virus", ReportKind.Complaint)]
    [InlineData("other", ReportKind.Complaint)]
    [InlineData("not-spam", ReportKind.NotABounce)]
    [InlineData("auth-failure", ReportKind.NotABounce)]
    public void Feedback_is_a_complaint_where_somebody_objects(string type, ReportKind kind)
    {
        var report = Read(Samples.Feedback(type));
        Assert.Equal((kind, ReportShape.Feedback, "<original-1@shop.example>"), (report.Kind, report.Shape, report.Original?.MessageId));
        var feedback = report.Feedback!;
        Assert.Equal(type.ToLowerInvariant(), feedback.Type);
        Assert.Equal(("b-1@alias.example", "192.0.2.25", "Reporter/1.0"), (feedback.OriginalMailFrom, feedback.SourceIp, feedback.UserAgent));
        Assert.Equal(["jane@mail.example"], feedback.OriginalRecipients);
        Assert.Equal(["alias.example"], feedback.ReportedDomains);
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 10, 0, 0, TimeSpan.Zero), feedback.ArrivedAt);
        Assert.Equal(kind == ReportKind.Complaint ? 1 : 0, report.Recipients.Count);
    }

    [Fact]
    public void A_message_sent_back_by_outlook_is_a_complaint()
    {
        var report = Read(Samples.OutlookComplaint);
        Assert.Equal((ReportKind.Complaint, ReportShape.ComplaintText, "<original-1@shop.example>"), (report.Kind, report.Shape, report.Original?.MessageId));
        Assert.Equal("jane@outlook.example", Assert.Single(report.Recipients).Address);
    }

    private MailReport Read(string sample) => _reader.Read(Samples.Octets(sample), nullSender: true);

    private (ReportKind, ReportShape) KindAndShape(string sample, bool nullSender)
    {
        var report = _reader.Read(Samples.Octets(sample), nullSender);
        return (report.Kind, report.Shape);
    }
}
