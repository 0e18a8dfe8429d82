using System.Globalization;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Smtpy.Mail.Server;
using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;
using Xunit;

namespace Smtpy.Mail.Tests.Server;

/// <summary>Programs nobody here wrote sign in and send.</summary>
public sealed class SignInClientTests
{
    private const string User = "jane@shop.example";
    private const string Password = "correct horse battery staple";

    private const string SmtplibScript =
        """
        import smtplib, ssl, sys
        port, implicit, mechanism, user, password = int(sys.argv[1]), sys.argv[2] == "implicit", sys.argv[3], sys.argv[4], sys.argv[5]
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        client = smtplib.SMTP_SSL("127.0.0.1", port, context=context) if implicit else smtplib.SMTP("127.0.0.1", port)
        with client:
            if not implicit:
                client.starttls(context=context)
            client.ehlo()
            client.user, client.password = user, password
            client.auth(mechanism, getattr(client, "auth_" + mechanism.lower()))
            client.sendmail(user, ["a@b.example"], "Subject: x\r\n\r\nx\r\n")
        """;

    public static TheoryData<ListenerKind, string> All() =>
        new(from kind in new[] { ListenerKind.Submission, ListenerKind.SubmissionTls }
            from mechanism in new[] { "SCRAM-SHA-256", "PLAIN", "LOGIN" }
            select (kind, mechanism));

    public static TheoryData<ListenerKind, string> Simple() =>
        new(from kind in new[] { ListenerKind.Submission, ListenerKind.SubmissionTls }
            from mechanism in new[] { "PLAIN", "LOGIN" }
            select (kind, mechanism));

    [Theory]
    [MemberData(nameof(All))]
    public async Task MailKit_signs_in_and_sends(ListenerKind kind, string mechanism)
    {
        using var files = new TestCertificate();
        await using var server = await TestServer.StartSubmissionAsync(files, kind);
        using var client = await ConnectAsync(server, kind);
        await client.AuthenticateAsync(Mechanism(mechanism, Password));
        using var message = new MimeMessage([MailboxAddress.Parse(User)], [MailboxAddress.Parse("a@b.example")], "x", new TextPart("plain") { Text = "x" });
        await client.SendAsync(message);
        await client.DisconnectAsync(quit: true);
        AssertSent(server, mechanism);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task MailKit_is_told_of_a_wrong_password(ListenerKind kind, string mechanism)
    {
        using var files = new TestCertificate();
        await using var server = await TestServer.StartSubmissionAsync(files, kind);
        using var client = await ConnectAsync(server, kind);
        await Assert.ThrowsAsync<AuthenticationException>(() => client.AuthenticateAsync(Mechanism(mechanism, "wrong")));
        Assert.False(client.IsAuthenticated);
        Assert.Equal([User + " failed"], server.Policy.SignIns);
    }

    [Fact]
    public async Task MailKit_takes_the_mechanism_that_shows_the_password_to_nobody()
    {
        using var files = new TestCertificate();
        await using var server = await TestServer.StartSubmissionAsync(files);
        using var client = await ConnectAsync(server, ListenerKind.Submission);
        await client.AuthenticateAsync(User, Password);
        Assert.Equal("SCRAM-SHA-256", Assert.Single(server.Policy.Peers).Identity!.Mechanism);
    }

    [Theory]
    [MemberData(nameof(Simple))]
    public async Task Swaks_signs_in_and_sends(ListenerKind kind, string mechanism)
    {
        using var files = new TestCertificate();
        await using var server = await TestServer.StartSubmissionAsync(files, kind);
        var result = await Swaks.SendAsync(
            server.Server.EndPoint.Port, User, "a@b.example", kind == ListenerKind.SubmissionTls ? "--tls-on-connect" : "--tls",
            "--auth", mechanism, "--auth-user", User, "--auth-password", Password);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        AssertSent(server, mechanism);
    }

    [Theory]
    [MemberData(nameof(Simple))]
    public async Task Smtplib_signs_in_and_sends(ListenerKind kind, string mechanism)
    {
        RequiredPackages.Need("python3");
        using var files = new TestCertificate();
        await using var server = await TestServer.StartSubmissionAsync(files, kind);
        var result = await ChildProcess.RunAsync(
        [
            "python3", "-c", SmtplibScript, server.Server.EndPoint.Port.ToString(CultureInfo.InvariantCulture),
            kind == ListenerKind.SubmissionTls ? "implicit" : "starttls", mechanism, User, Password,
        ]);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        AssertSent(server, mechanism);
    }

    private static void AssertSent(TestServer server, string mechanism)
    {
        var peer = Assert.Single(server.Policy.Messages).Transaction.Peer;
        Assert.Equal(new SmtpIdentity(User, mechanism, "account of jane"), peer.Identity);
        Assert.Equal("ESMTPSA", peer.Protocol(smtpUtf8: false));
    }

    private static async Task<SmtpClient> ConnectAsync(TestServer server, ListenerKind kind)
    {
        var client = new SmtpClient { ServerCertificateValidationCallback = static (_, certificate, _, _) => certificate?.Subject == "CN=mx.test", CheckCertificateRevocation = false };
        await client.ConnectAsync(
            "127.0.0.1", server.Server.EndPoint.Port, kind == ListenerKind.SubmissionTls ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTls);
        return client;
    }

    private static SaslMechanism Mechanism(string name, string password) => name switch
    {
        "PLAIN" => new SaslMechanismPlain(User, password),
        "LOGIN" => new SaslMechanismLogin(User, password),
        _ => new SaslMechanismScramSha256(User, password),
    };
}
