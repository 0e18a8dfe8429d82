using System.Text;
using Smtpy.Mail.Client;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;
using static Smtpy.Mail.Tests.Client.ClientFixture;

namespace Smtpy.Mail.Tests.Client;

public sealed class SecurityTests
{
    private static readonly SmtpCredentials User = new("joe", "se\u00e9cret");

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static async Task OfferStartTlsAsync(PeerSession peer, string reply = "220 go")
    {
        await peer.GreetAsync("STARTTLS", "PIPELINING");
        await peer.AnswerAsync(("STARTTLS", reply));
    }

    [Fact]
    public async Task STARTTLS_is_used_where_offered_and_EHLO_said_again()
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await OfferStartTlsAsync(peer);
            await peer.EncryptAsync(PeerCertificate.ServerOptions);
            await peer.AnswerEhloAsync("SIZE 5");
            await peer.AnswerAsync(("QUIT", "221 bye"));
        });
        await using var connection = await OpenAsync(server);
        Assert.StartsWith("Tls1", connection.TlsVersion, StringComparison.Ordinal);
        Assert.False(connection.Capabilities.Pipelining);
        Assert.Equal(5, connection.Capabilities.MaxSize);
        await connection.QuitAsync(TestContext.Current.CancellationToken);
        await server.FinishAsync();
    }

    [Fact]
    public async Task A_message_goes_over_TLS_unchanged()
    {
        var data = "";
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.EncryptAsync(PeerCertificate.ServerOptions);
            await peer.GreetAsync("PIPELINING");
            await peer.AnswerAsync(("MAIL FROM:<me@client.example>", "250 ok"), ("RCPT TO:<you@peer.example>", "250 ok"), ("DATA", "354 go"));
            data = await peer.ReadDataAsync();
            await peer.SayAsync("250 ok");
        });
        await using var connection = await OpenAsync(server, Options with { Tls = SmtpTls.Implicit });
        Assert.Equal(SendStatus.Delivered, (await SendAsync(connection, ["you@peer.example"])).Recipients[0].Status);
        await server.FinishAsync();
        Assert.Equal(Head + Body + ".\r\n", data);
    }

    [Fact]
    public async Task A_refused_STARTTLS_goes_on_in_the_clear_when_opportunistic()
    {
        await using var server = new ScriptedServer(peer => OfferStartTlsAsync(peer, "454 4.7.0 not now"));
        await using var connection = await OpenAsync(server);
        Assert.Null(connection.TlsVersion);
    }

    [Fact]
    public async Task A_failed_handshake_is_followed_by_a_clear_connection_when_opportunistic()
    {
        await using var server = new ScriptedServer(
            peer => OfferStartTlsAsync(peer),
            peer => peer.GreetAsync("STARTTLS", "PIPELINING"));
        await using var connection = await OpenAsync(server);
        Assert.Null(connection.TlsVersion);
        Assert.Equal(2, server.Connections);
    }

    [Theory]
    [InlineData(SmtpTls.Required)]
    [InlineData(SmtpTls.RequiredVerified)]
    public async Task Required_TLS_that_is_not_offered_or_refused_is_a_failure(SmtpTls tls)
    {
        await using var without = new ScriptedServer(peer => peer.GreetAsync("PIPELINING"));
        Assert.Equal("4.7.4", (await ConnectAsync(without, Options with { Tls = tls })).Failure.Enhanced);
        await using var refusing = new ScriptedServer(peer => OfferStartTlsAsync(peer, "454 4.7.0 not now"));
        Assert.Equal("454 4.7.0 not now", (await ConnectAsync(refusing, Options with { Tls = tls })).Failure.ToString());
    }

    [Theory]
    [InlineData(SmtpTls.RequiredVerified, true)]
    [InlineData(SmtpTls.ImplicitVerified, false)]
    public async Task A_certificate_that_cannot_be_verified_is_refused_where_it_must_be(SmtpTls tls, bool startTls)
    {
        await using var server = new ScriptedServer(async peer =>
        {
            if (startTls)
            {
                await OfferStartTlsAsync(peer);
            }

            await peer.EncryptAsync(PeerCertificate.ServerOptions);
            await peer.ReadLineAsync();
        });
        var result = await ConnectAsync(server, Options with { Tls = tls });
        Assert.Null(result.Connection);
        Assert.Equal("451 4.7.5 the certificate of peer.example is not accepted: no trusted authority has signed it", result.Failure.ToString());
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task Clear_text_slipped_in_behind_the_answer_to_STARTTLS_ends_the_connection()
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("STARTTLS");
            await peer.ExpectAsync("STARTTLS");
            await peer.SendRawAsync("220 go\r\n250 forged\r\n");
            await peer.ReadLineAsync();
        });
        var result = await ConnectAsync(server);
        Assert.Equal("451 4.4.1 clear text after the answer to STARTTLS", result.Failure.ToString());
    }

    [Fact]
    public async Task AUTH_PLAIN_is_said_at_once_on_loopback()
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("AUTH LOGIN PLAIN");
            await peer.AnswerAsync(("AUTH PLAIN " + Base64("\0joe\0se\u00e9cret"), "235 2.7.0 welcome"));
        });
        await using var connection = await OpenAsync(server, Options with { Credentials = User });
        Assert.True(connection.IsUsable);
    }

    [Fact]
    public async Task AUTH_LOGIN_is_used_where_PLAIN_is_not_offered()
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("AUTH=LOGIN");
            await peer.AnswerAsync(
                ("AUTH LOGIN", "334 " + Base64("Username:")), (Base64("joe"), "334 " + Base64("Password:")), (Base64("se\u00e9cret"), "235 ok"));
        });
        await using var connection = await OpenAsync(server, Options with { Credentials = User });
        Assert.True(connection.IsUsable);
    }

    [Fact]
    public async Task A_wrong_password_and_a_server_without_AUTH_are_failures()
    {
        await using var refusing = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("AUTH PLAIN");
            await peer.ReadLineAsync();
            await peer.SayAsync("535 5.7.8 wrong");
        });
        Assert.Equal("535 5.7.8 wrong", (await ConnectAsync(refusing, Options with { Credentials = User })).Failure.ToString());
        await using var without = new ScriptedServer(peer => peer.GreetAsync());
        Assert.Equal(454, (await ConnectAsync(without, Options with { Credentials = User })).Failure.Code);
    }

    [Fact]
    public void Credentials_do_not_print_their_password() => Assert.Equal("joe", User.ToString());

    [Theory]
    [InlineData("you@peer.example>\r\nDATA\r\n")]
    [InlineData("you\n@peer.example")]
    [InlineData("you\0@peer.example")]
    [InlineData("you@peer.example> NOTIFY=SUCCESS")]
    [InlineData("\"you@peer.example")]
    [InlineData("\"you\\\"@peer.example")]
    [InlineData("")]
    public async Task An_address_that_could_add_to_the_command_is_refused_unsaid(string address)
    {
        await using var server = new ScriptedServer(async peer =>
        {
            await peer.GreetAsync("PIPELINING");
            await peer.AnswerAsync(("MAIL FROM:<>", "250 ok"), ("RCPT TO:<\"o k>\\\"\"@peer.example>", "250 ok"), ("DATA", "354 go"));
            await peer.ReadDataAsync();
            await peer.SayAsync("250 ok");
            await peer.ExpectCloseAsync();
        });
        await using var connection = await OpenAsync(server);
        var result = await SendAsync(connection, [address, "\"o k>\\\"\"@peer.example"], sender: "");
        Assert.Equal((SendStatus.Refused, "5.1.3"), (result.Recipients[0].Status, result.Recipients[0].Reply.Enhanced));
        Assert.Equal(SendStatus.Delivered, result.Recipients[1].Status);
        if (address.Length > 0)
        {
            var bySender = await SendAsync(connection, ["you@peer.example"], sender: address);
            Assert.Equal((SendStatus.Refused, "5.1.7"), (bySender.Recipients[0].Status, bySender.Recipients[0].Reply.Enhanced));
        }

        await connection.DisposeAsync();
        await server.FinishAsync();
    }
}
