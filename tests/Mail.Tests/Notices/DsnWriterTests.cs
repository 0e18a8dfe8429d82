using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MimeKit;
using Smtpy.Mail.Bounces;
using Smtpy.Mail.Notices;
using Smtpy.Mail.Tests.Server;
using Xunit;

namespace Smtpy.Mail.Tests.Notices;

public sealed class DsnWriterTests
{
    private static readonly byte[] Original = Octets("From: me@client.example\nMessage-ID: <m1@client.example>\nSubject: Order\n\nBody of mine\n");

    private readonly DsnWriter _writer = new("mx.alias.test", new ManualTime());

    [Theory]
    [InlineData(NotificationAction.Failed, "5.1.1", ReportKind.HardBounce, "could not be delivered")]
    [InlineData(NotificationAction.Delayed, "4.4.1", ReportKind.Delayed, "delayed")]
    [InlineData(NotificationAction.Delivered, "2.0.0", ReportKind.Delivered, "delivered")]
    [InlineData(NotificationAction.Relayed, "2.0.0", ReportKind.Delivered, "passed on")]
    public void A_notification_is_read_back_as_what_it_says(NotificationAction action, string status, ReportKind kind, string subject)
    {
        var composed = _writer.Write(Notification(action, status));
        var message = Parse(composed);
        Assert.Contains(subject, message.Subject, StringComparison.Ordinal);
        Assert.Equal("auto-replied", message.Headers["Auto-Submitted"]);
        Assert.Equal("MAILER-DAEMON@mx.alias.test", message.From.Mailboxes.Single().Address);
        Assert.Equal("me@client.example", message.To.Mailboxes.Single().Address);
        Assert.Equal(composed.MessageId, $"<{message.MessageId}>");
        Assert.Equal(new ManualTime().GetUtcNow(), message.Date);
        Assert.Equal((false, false), (composed.NeedsSmtpUtf8, composed.Needs8Bit));

        var report = new BounceReader().Read(composed.Octets, nullSender: true);
        Assert.Equal((kind, ReportShape.DeliveryStatus, status), (report.Kind, report.Shape, report.Status));
        Assert.Equal(("mx.alias.test", "<m1@client.example>"), (report.ReportingMta, report.Original?.MessageId));
        Assert.Equal("shop@alias.test", Assert.Single(report.Recipients).Address);
    }

    /// <summary>RFC 3464 sections 2.2 and 2.3, RFC 3461 section 6.3.</summary>
    [Fact]
    public void The_fields_are_those_of_the_standard()
    {
        var notification = Notification(NotificationAction.Delayed, "4.4.1") with
        {
            EnvelopeId = "QQ314159",
            WillRetryUntil = new DateTimeOffset(2026, 3, 6, 10, 0, 0, TimeSpan.Zero),
        };
        var message = Parse(_writer.Write(notification));
        var groups = ((MultipartReport)message.Body!).OfType<MessageDeliveryStatus>().Single().StatusGroups;
        Assert.Equal(2, groups.Count);
        Assert.Equal("QQ314159", groups[0]["Original-Envelope-Id"]);
        Assert.Equal("dns; mx.alias.test", groups[0]["Reporting-MTA"]);
        Assert.Equal("Sun, 01 Mar 2026 10:00:00 +0000", groups[0]["Arrival-Date"]);
        Assert.Equal("rfc822;shop@alias.test", groups[1]["Original-Recipient"]);
        Assert.Equal("rfc822; shop@alias.test", groups[1]["Final-Recipient"]);
        Assert.Equal("delayed", groups[1]["Action"]);
        Assert.Equal("Fri, 06 Mar 2026 10:00:00 +0000", groups[1]["Will-Retry-Until"]);
        Assert.Contains("6 March 2026 10:00 UTC", message.TextBody, StringComparison.Ordinal);
        Assert.Equal("delivery-status", ((MultipartReport)message.Body!).ReportType);
    }

    [Fact]
    public void The_mailbox_behind_an_alias_is_never_told()
    {
        var recipient = Recipient("5.1.1") with { Reply = "5.1.1 <jane@hidden.test>: user unknown", RemoteMta = "mx.hidden.test", ReplyCode = 550 };
        foreach (var action in Enum.GetValues<NotificationAction>())
        {
            var text = Encoding.UTF8.GetString(_writer.Write(Notification(action, "5.1.1") with { Recipients = [recipient] }).Octets);
            Assert.DoesNotContain("hidden", text, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("Diagnostic-Code: smtp; 550 5.1.1\r\n", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Who_wrote_to_the_server_knowingly_is_told_what_it_said()
    {
        var recipient = Recipient("5.1.1") with { Reply = "5.1.1 no\r\nsuch user", RemoteMta = "mx.there.test", ReplyCode = 550, DiscloseRemote = true };
        var composed = _writer.Write(Notification(NotificationAction.Failed, "5.1.1") with { Recipients = [recipient] });
        var report = new BounceReader().Read(composed.Octets, nullSender: true);
        Assert.Equal(("550 5.1.1 no such user", "mx.there.test"), (report.Diagnostic, report.RemoteMta));
        Assert.Contains("The other server said: 5.1.1 no such user", Parse(composed).TextBody, StringComparison.Ordinal);
    }

    /// <summary>RFC 3461 section 4.3: FULL is for failures; HDRS, and what is too long for FULL, is the header alone.</summary>
    [Theory]
    [InlineData(NotificationAction.Failed, true, 100_000, true)]
    [InlineData(NotificationAction.Failed, false, 100_000, false)]
    [InlineData(NotificationAction.Failed, true, 10, false)]
    [InlineData(NotificationAction.Delayed, true, 100_000, false)]
    public void The_message_or_its_header_comes_back(NotificationAction action, bool full, int most, bool whole)
    {
        var writer = new DsnWriter("mx.alias.test", new ManualTime(), new DsnWriterOptions { MaxReturnedMessage = most });
        var octets = writer.Write(Notification(action, "5.1.1") with { ReturnFull = full }).Octets;
        Assert.Equal(whole, octets.AsSpan().IndexOf("Body of mine"u8) >= 0);
        Assert.Equal(whole, octets.AsSpan().IndexOf("Content-Type: message/rfc822\r\n"u8) >= 0);
        Assert.True(octets.AsSpan().IndexOf("Subject: Order\r\n"u8) >= 0);
    }

    [Fact]
    public void A_header_beyond_the_limit_is_cut_between_fields()
    {
        var writer = new DsnWriter("mx.alias.test", new ManualTime(), new DsnWriterOptions { MaxReturnedHeader = 70 });
        var text = Encoding.UTF8.GetString(writer.Write(Notification(NotificationAction.Failed, "5.1.1")).Octets);
        Assert.Contains("Message-ID: <m1@client.example>\r\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Subject: Order", text, StringComparison.Ordinal);
    }

    /// <summary>RFC 6533: the sender who used ASCII only gets ASCII, with the recipient escaped; the other one gets UTF-8.</summary>
    [Theory]
    [InlineData("me@client.example", false)]
    [InlineData("me@client.example", true)]
    [InlineData("m\u00fcller@client.example", false)]
    public void An_internationalised_recipient_is_written_in_the_form_the_reader_can_get(string to, bool smtpUtf8)
    {
        var composed = _writer.Write(Notification(NotificationAction.Failed, "5.1.1") with
        {
            To = to,
            SmtpUtf8 = smtpUtf8,
            ReturnFull = true,
            Original = Octets("Subject: Gr\u00fc\u00dfe\nMessage-ID: <m1@client.example>\n\nBody\n"),
            Recipients = [Recipient("5.1.1") with { Address = "j\u00f6rg@alias.test", OriginalRecipient = null }],
        });
        var international = smtpUtf8 || to[1] != 'e';
        Assert.Equal((international, international), (composed.NeedsSmtpUtf8, composed.Needs8Bit));
        Assert.Equal(international, composed.Octets.AsSpan().IndexOf("message/global-delivery-status"u8) >= 0);
        Assert.Equal(!international, composed.Octets.AsSpan().IndexOf("utf-8; j\\x{F6}rg@alias.test"u8) >= 0);
        var report = new BounceReader().Read(composed.Octets, nullSender: true);
        Assert.Equal("j\u00f6rg@alias.test", Assert.Single(report.Recipients).Address);
        Assert.Equal(("<m1@client.example>", "Gr\u00fc\u00dfe"), (report.Original?.MessageId, report.Original?.Subject));
        Assert.Contains("j\u00f6rg@alias.test", Parse(composed).TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public void No_value_becomes_a_field_and_every_line_ends_with_crlf() => Prop.ForAll<NonNull<string>, NonNull<byte[]>>((text, original) =>
    {
        var hostile = text.Get + "\r\nBcc: victim@there.test\r\n\r\n.";
        var composed = _writer.Write(Notification(NotificationAction.Failed, "5.1.1") with
        {
            To = hostile,
            EnvelopeId = hostile,
            Original = original.Get.Where(octet => octet is not ((byte)'\r' or (byte)'\n')).ToArray(),
            Recipients =
            [
                new NotifiedRecipient
                {
                    Address = hostile, OriginalRecipient = hostile, Status = hostile, Reply = hostile, RemoteMta = hostile, ReplyCode = 550, DiscloseRemote = true,
                },
            ],
        });
        var lines = Encoding.Latin1.GetString(composed.Octets).Split("\r\n");
        Assert.DoesNotContain(lines, line => line.Contains('\r', StringComparison.Ordinal) || line.Contains('\n', StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.StartsWith("Bcc", StringComparison.Ordinal));
    }).QuickCheckThrowOnFailure();

    private static DeliveryNotification Notification(NotificationAction action, string status) => new()
    {
        Action = action,
        To = "me@client.example",
        ArrivedAt = new DateTimeOffset(2026, 3, 1, 10, 0, 0, TimeSpan.Zero),
        Original = Original,
        Recipients = [Recipient(status)],
    };

    private static NotifiedRecipient Recipient(string status) => new()
    {
        Address = "shop@alias.test",
        OriginalRecipient = "rfc822;shop@alias.test",
        Status = status,
    };

    private static MimeMessage Parse(OwnMessage composed) => MimeMessage.Load(new MemoryStream(composed.Octets));

    private static byte[] Octets(string text) => Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n"));
}
