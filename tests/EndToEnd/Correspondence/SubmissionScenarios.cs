using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Smtpy.Tests.Support.Processes;
using Smtpy.Tests.Support.Smtp;
using Xunit;

namespace Smtpy.EndToEnd.Correspondence;

/// <summary>Mail programs that sign in and send as an alias.</summary>
public abstract class SubmissionScenarios(MailWorld world)
{
    [Theory]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    [InlineData("SCRAM-SHA-256")]
    public async Task MailKit_sends_as_the_alias_with_its_password(string mechanism)
    {
        var password = await PasswordAsync();
        using var client = Client();
        await client.ConnectAsync("127.0.0.1", world.Smtpy.SubmissionPort, SecureSocketOptions.StartTls);
        client.AuthenticationMechanisms.RemoveWhere(offered => offered != mechanism);
        Assert.Equal([mechanism], client.AuthenticationMechanisms);
        await client.AuthenticateAsync("letter@alias.test", password);
        using var message = Message("letter@alias.test", "By " + mechanism);

        await client.SendAsync(message, new MailboxAddress("", "letter@alias.test"), [new MailboxAddress("", "jane@sender.test")]);
        await client.DisconnectAsync(quit: true);

        var mail = await world.AtSenderAsync($"Subject: By {mechanism}\n");
        Assert.Equal("letter@alias.test", mail.From.Address);
        Assert.Equal(("Jane", "jane@sender.test"), (mail.Message.To.Mailboxes.Single().Name, mail.Message.To.Mailboxes.Single().Address));
        Assert.Equal(("Hal", "hal@friend.test"), (mail.Message.Cc.Mailboxes.Single().Name, mail.Message.Cc.Mailboxes.Single().Address));
        Assert.DoesNotContain("laptop", mail.Source, StringComparison.Ordinal);
        var answer = await mail.VerifyAsync();
        Assert.Contains(answer.Signatures, static signature => signature is { Domain: "alias.test", Passes: true });
    }

    [Fact]
    public async Task Swaks_sends_over_tls_from_the_first_octet()
    {
        var password = await PasswordAsync();

        (await Swaks.SendAsync(
            world.Smtpy.SubmissionsPort, "letter@alias.test", "jane@sender.test", "--tls-on-connect", "--auth", "PLAIN", "--auth-user", "letter@alias.test",
            "--auth-password", password, "--header", "From: letter@alias.test", "--header", "Subject: By swaks")).MustSucceed();

        Assert.Equal("letter@alias.test", (await world.AtSenderAsync("Subject: By swaks\n")).From.Address);
    }

    [Fact]
    public async Task Who_asks_is_told_that_the_contacts_server_took_it()
    {
        var password = await PasswordAsync();
        using var client = new ReportingClient();
        await client.ConnectAsync("127.0.0.1", world.Smtpy.SubmissionsPort, SecureSocketOptions.SslOnConnect);
        await client.AuthenticateAsync("letter@alias.test", password);
        using var message = Message("letter@alias.test", "Registered letter");

        await client.SendAsync(message, new MailboxAddress("", "letter@alias.test"), [new MailboxAddress("", "jane@sender.test")]);
        await client.DisconnectAsync(quit: true);

        await world.AtSenderAsync("Subject: Registered letter\n");
        var report = await world.AtHomeAsync("Original-Envelope-Id: QQ-314\n");
        Assert.Contains("Final-Recipient: rfc822; jane@sender.test\nAction: relayed\nStatus: 2.", report.Source, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_sender_than_the_alias_is_refused()
    {
        var password = await PasswordAsync();
        using var client = Client();
        await client.ConnectAsync("127.0.0.1", world.Smtpy.SubmissionsPort, SecureSocketOptions.SslOnConnect);
        await client.AuthenticateAsync("letter@alias.test", password);
        using var message = Message("shop@alias.test", "As another");

        var refused = await Assert.ThrowsAsync<SmtpCommandException>(() => client.SendAsync(message));

        Assert.InRange((int)refused.StatusCode, 550, 559);
    }

    [Fact]
    public async Task A_wrong_password_is_refused()
    {
        await PasswordAsync();
        using var client = Client();
        await client.ConnectAsync("127.0.0.1", world.Smtpy.SubmissionPort, SecureSocketOptions.StartTls);

        await Assert.ThrowsAsync<AuthenticationException>(() => client.AuthenticateAsync("letter@alias.test", "not the password"));
    }

    [Fact]
    public async Task Nobody_relays_without_signing_in()
    {
        using var submission = await SmtpConversation.OpenAsync(world.Smtpy.SubmissionPort);
        using var exchanger = await SmtpConversation.OpenAsync(world.Port);

        Assert.StartsWith("530", await submission.CommandAsync("MAIL FROM:<letter@alias.test>"), StringComparison.Ordinal);
        await exchanger.CommandAsync("MAIL FROM:<letter@alias.test>");
        Assert.StartsWith("550 5.7.1", await exchanger.CommandAsync("RCPT TO:<jane@sender.test>"), StringComparison.Ordinal);
    }

    private async Task<string> PasswordAsync() =>
        (await world.JsonAsync("smtp-password", "create", "--alias", "letter@alias.test")).GetProperty("password").GetString()!;

    private static TrustingClient Client() => new();

    /// <summary>Trusts the certificate that a server makes for itself, and no other.</summary>
    private class TrustingClient : SmtpClient
    {
        public TrustingClient()
        {
            CheckCertificateRevocation = false;
            LocalDomain = "laptop.home.test";
            ServerCertificateValidationCallback = static (_, certificate, _, _) => certificate?.Subject.Contains("mx.smtpy.test", StringComparison.Ordinal) == true;
        }
    }

    /// <summary>A mail program whose user wants to know of everything.</summary>
    private sealed class ReportingClient : TrustingClient
    {
        protected override string GetEnvelopeId(MimeMessage message) => "QQ-314";

        protected override DeliveryStatusNotification? GetDeliveryStatusNotifications(MimeMessage message, MailboxAddress mailbox) =>
            DeliveryStatusNotification.Success | DeliveryStatusNotification.Failure;
    }

    private static MimeMessage Message(string from, string subject)
    {
        var message = new MimeMessage { Subject = subject, Body = new TextPart("plain") { Text = "Hello" } };
        message.From.Add(new MailboxAddress("Me", from));
        message.To.Add(new MailboxAddress("Jane", "jane@sender.test"));
        message.Cc.Add(new MailboxAddress("Hal", "hal@friend.test"));
        return message;
    }
}

[Collection(nameof(OnSqlite))]
public sealed class SubmissionOnSqliteTests(SqliteWorld world) : SubmissionScenarios(world);

[Collection(nameof(OnPostgres))]
public sealed class SubmissionOnPostgresTests(PostgresWorld world) : SubmissionScenarios(world);
