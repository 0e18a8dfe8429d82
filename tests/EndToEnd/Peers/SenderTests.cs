using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Smtpy.EndToEnd.Content;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Xunit;

namespace Smtpy.EndToEnd.Peers;

/// <summary>SMTP clients that nobody here wrote, each with its own idea of the protocol.</summary>
public sealed class SenderTests(RelayFixture fixture) : IClassFixture<RelayFixture>
{
    [Fact]
    public async Task Swaks_delivers_to_an_alias()
    {
        (await Swaks.SendAsync(
            fixture.Smtpy.SmtpPort, "a@client.test", "shop@alias.test", "--header", "Message-Id: <swaks-plain@client.test>")).MustSucceed();
        await fixture.Postfix.WaitForAsync("<swaks-plain@client.test>");
    }

    [Fact]
    public async Task Swaks_delivers_over_starttls_and_pipelined()
    {
        (await Swaks.SendAsync(
            fixture.Smtpy.SmtpPort, "a@client.test", "shop@alias.test", "--tls", "--pipeline", "--header",
            "Message-Id: <swaks-tls@client.test>")).MustSucceed();
        await fixture.Postfix.WaitForAsync("<swaks-tls@client.test>");
    }

    [Fact]
    public async Task Python_delivers_its_bytes()
    {
        using var folder = new TempFolder();
        var octets = "From: <a@client.test>\r\nMessage-ID: <smtplib@client.test>\r\n\r\n.\r\nGr\u00fc\u00dfe\r\n"u8.ToArray();
        var file = folder.Combine("message.eml");
        await File.WriteAllBytesAsync(file, octets);

        (await PythonSmtplib.SendAsync(fixture.Smtpy.SmtpPort, "a@client.test", "shop@alias.test", file)).MustSucceed();

        Untouched.AssertInMaildir(octets, await fixture.Postfix.WaitForAsync("<smtplib@client.test>"));
    }

    [Fact]
    public async Task MailKit_delivers_over_starttls()
    {
        using var message = new MimeMessage { MessageId = "mailkit@client.test", Subject = "From MailKit" };
        message.From.Add(new MailboxAddress("A", "a@client.test"));
        message.To.Add(new MailboxAddress("Shop", "shop@alias.test"));
        message.Body = new TextPart("plain") { Text = "Hello" };
        using var client = new SmtpClient { CheckCertificateRevocation = false };
        client.ServerCertificateValidationCallback = (_, certificate, _, _) =>
            certificate?.Subject.Contains("mx.smtpy.test", StringComparison.Ordinal) == true; // Self-signed at its first start.

        await client.ConnectAsync("127.0.0.1", fixture.Smtpy.SmtpPort, SecureSocketOptions.StartTls);
        await client.SendAsync(message);
        await client.DisconnectAsync(quit: true);

        await fixture.Postfix.WaitForAsync("<mailkit@client.test>");
    }

    [Fact]
    public async Task Two_hundred_messages_from_smtp_source_all_arrive()
    {
        var before = fixture.Postfix.Delivered().Count;
        (await SmtpSource.SendAsync(fixture.Smtpy.SmtpPort, "shop@alias.test", messages: 200, sessions: 20)).MustSucceed();
        await Until.TrueAsync(
            "200 messages lie in the Maildir", () => fixture.Postfix.Delivered().Count - before >= 200);
    }
}
