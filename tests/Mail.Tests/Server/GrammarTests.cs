using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Smtpy.Mail.Notices;
using Smtpy.Mail.Server;
using Smtpy.Mail.Server.Commands;
using Smtpy.Mail.Server.Session;
using Xunit;

namespace Smtpy.Mail.Tests.Server;

public sealed class GrammarTests
{
    private static readonly Gen<string> Words = Gen.Elements(
        "MAIL FROM:", "RCPT TO:", "BDAT ", "EHLO ", "HELO ", "DATA", "RSET", "NOOP", "QUIT", "STARTTLS", "<", ">", "@", "a", "b.example",
        "<a@b.example>", "<>", "\"", "\\", " ", "[", "]", "IPv6:", "1.2.3.4", "::1", "SIZE=", "1", "BODY=8BITMIME", "SMTPUTF8", "RET=FULL",
        "ENVID=", "NOTIFY=", "NEVER", ",", "ORCPT=rfc822;", "+", "2B", "=", "LAST", ":", ".", "-", "\u00fc", "\0", "\r", "\n", "\t", "\ud83d\ude00");

    private static readonly Gen<byte[]> CommandLike = Words.ListOf().Select(words => Encoding.UTF8.GetBytes(string.Concat(words)));

    private static readonly Gen<byte[]> AnyLine = Gen.OneOf(ArbMap.Default.GeneratorFor<byte[]>(), CommandLike);

    [Fact]
    public void Every_sequence_of_octets_is_understood_or_refused() =>
        Prop.ForAll(AnyLine.ToArbitrary(), line =>
        {
            var command = CommandGrammar.Parse(line);
            if (command is InvalidCommand invalid)
            {
                Assert.InRange(invalid.Reply.Code, 500, 599);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void An_address_that_is_taken_can_be_said_again_in_a_command() =>
        Prop.ForAll(CommandLike.ToArbitrary(), octets =>
        {
            if (CommandGrammar.Parse([.. "RCPT TO:<"u8, .. octets, .. ">"u8]) is RecipientCommand taken)
            {
                var again = CommandGrammar.Parse(Encoding.UTF8.GetBytes($"RCPT TO:<{taken.Recipient.Address}>"));
                Assert.Equal(taken.Recipient.LocalPart, Assert.IsType<RecipientCommand>(again).Recipient.LocalPart);
                Assert.Equal(taken.Recipient.Domain, ((RecipientCommand)again).Recipient.Domain);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void No_order_of_commands_breaks_the_session_or_its_promises() =>
        Prop.ForAll(CommandLike.ListOf().ToArbitrary(), lines =>
        {
            var end = new IPEndPoint(IPAddress.Loopback, 25);
            var peer = new SmtpPeer { ConnectionId = "X", RemoteEndPoint = end, LocalEndPoint = end };
            var session = new SmtpSession(TestServer.DefaultOptions with { MaxRecipients = 2 }, peer, tlsOffered: true);
            foreach (var line in lines.SelectMany(line => new[] { line, "EHLO x"u8.ToArray(), "MAIL FROM:<>"u8.ToArray() }))
            {
                var step = session.Receive(CommandGrammar.Parse(line));
                switch (step.Effect)
                {
                    case SessionEffect.AskSender:
                        Assert.NotEmpty(peer.Helo);
                        Assert.Null(session.Transaction);
                        session.SenderAnswered(step.Transaction!, SmtpReplies.SenderOk);
                        break;
                    case SessionEffect.AskRecipient:
                        session.RecipientAnswered(step.Recipient!, SmtpReplies.RecipientOk);
                        Assert.InRange(session.Transaction!.Recipients.Count, 1, 2);
                        break;
                    case SessionEffect.ReceiveData or SessionEffect.ReceiveChunk:
                        Assert.NotEmpty(session.Transaction!.Recipients);
                        break;
                    case SessionEffect.SkipChunk or SessionEffect.Reply or SessionEffect.Close or SessionEffect.StartTls:
                        Assert.NotNull(step.Reply);
                        break;
                }
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Mail_parameters_reach_the_command()
    {
        var mail = Assert.IsType<MailCommand>(CommandGrammar.Parse(
            "MAIL FROM:<a@b.example> SIZE=1234 BODY=8BITMIME SMTPUTF8 REQUIRETLS RET=HDRS ENVID=QQ+2B+3D1"u8));
        Assert.Equal("a@b.example", mail.Sender.Address);
        Assert.Equal(1234, mail.DeclaredSize);
        Assert.True(mail.EightBitMime);
        Assert.True(mail.SmtpUtf8);
        Assert.True(mail.RequireTls);
        Assert.Equal("HDRS", mail.DsnReturn);
        Assert.Equal("QQ+=1", mail.EnvelopeId);
    }

    [Fact]
    public void Recipient_parameters_reach_the_command()
    {
        var recipient = Parse("<\"O\\'Hara \\\"x\\\"\"@B\u00fcCHER.Example> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;a+2Bb@c.example");
        Assert.Equal("O'Hara \"x\"", recipient.LocalPart);
        Assert.Equal("xn--bcher-kva.example", recipient.Domain);
        Assert.Equal("\"O\\'Hara \\\"x\\\"\"@B\u00fcCHER.Example", recipient.Address);
        Assert.Equal(DsnNotify.Success | DsnNotify.Failure | DsnNotify.Delay, recipient.Notify);
        Assert.Equal("rfc822;a+b@c.example", recipient.OriginalRecipient);
    }

    [Fact]
    public void The_bare_postmaster_is_a_recipient_without_domain()
    {
        var recipient = Parse("<POSTmaster>");
        Assert.Equal(("postmaster", "", "POSTmaster"), (recipient.LocalPart, recipient.Domain, recipient.Address));
    }

    private static SmtpRecipient Parse(string path) =>
        Assert.IsType<RecipientCommand>(CommandGrammar.Parse(Encoding.UTF8.GetBytes($"RCPT TO:{path}"))).Recipient;
}
