using System.Net;
using System.Text;
using Smtpy.Mail.Server;
using Smtpy.Mail.Server.Sasl;
using Smtpy.Tests.Support;
using Xunit;

namespace Smtpy.Mail.Tests.Server;

public sealed class SubmissionTests
{
    [Fact]
    public async Task One_server_listens_as_an_mx_and_for_submission_in_both_ways()
    {
        using var files = new TestCertificate();
        await using var server = await TestServer.StartAsync(TestServer.AllListeners, certificate: files.Load(), credentials: new MemoryCredentials());
        Assert.Equal(3, server.Server.Listeners.Select(listener => listener.EndPoint.Port).Distinct().Count());
        foreach (var kind in Enum.GetValues<ListenerKind>())
        {
            await using var client = await server.ConnectAsync(kind);
            if (kind == ListenerKind.SubmissionTls)
            {
                await client.StartTlsAsync();
            }

            var ehlo = await client.GreetAsync();
            Assert.Equal(kind == ListenerKind.SubmissionTls, ehlo.Contains("AUTH", StringComparison.Ordinal));
            Assert.Equal(kind != ListenerKind.SubmissionTls, ehlo.Contains("STARTTLS", StringComparison.Ordinal));
            Assert.StartsWith(kind == ListenerKind.Mx ? "250" : "530", await client.AskAsync("MAIL FROM:<a@b.example>"), StringComparison.Ordinal);
            Assert.Equal(kind, server.Policy.Peers.Last().Listener);
        }
    }

    [Theory]
    [InlineData(false, "ESMTPSA")]
    [InlineData(true, "UTF8SMTPSA")]
    public async Task The_peer_says_who_signed_in_and_the_protocol_has_an_a(bool utf8, string protocol)
    {
        using var files = new TestCertificate();
        await using var server = await TestServer.StartSubmissionAsync(files);
        await using var client = await SecureAsync(server);
        var peer = Assert.Single(server.Policy.Peers);
        Assert.Null(peer.Identity);
        Assert.Equal("ESMTPS", peer.Protocol(smtpUtf8: false));
        await client.AskAsync($"AUTH PLAIN {Base64("\0jane@shop.example\0correct horse battery staple")}");
        Assert.Equal(new SmtpIdentity("jane@shop.example", "PLAIN", "account of jane"), peer.Identity);
        Assert.Equal(protocol, peer.Protocol(utf8));
        Assert.Equal(["jane@shop.example succeeded"], server.Policy.SignIns);
    }

    [Fact]
    public async Task The_policy_hears_of_failures_and_of_nothing_that_was_not_checked()
    {
        using var files = new TestCertificate();
        await using var server = await TestServer.StartSubmissionAsync(files);
        await using var client = await SecureAsync(server);
        await client.AskAsync($"AUTH PLAIN {Base64("\0user\0wrong")}");
        await client.AskAsync($"AUTH PLAIN {Base64("\0nobody\0wrong")}");
        await client.AskAsync($"AUTH PLAIN {Base64("\0locked\0pencil")}");
        await client.AskAsync($"AUTH PLAIN {Base64("\0broken\0pencil")}");
        await client.AskAsync("AUTH PLAIN AAAA");
        Assert.Equal(["user failed", "nobody failed"], server.Policy.SignIns);
        Assert.Equal("Error: Mail policy failed", Assert.Single(server.Logs.Lines)[.."Error: Mail policy failed".Length]);
    }

    [Fact]
    public async Task An_unknown_user_is_shown_the_same_salt_each_time_and_another_one_another()
    {
        using var files = new TestCertificate();
        var sasl = new SaslOptions { UnknownUserKey = [1, 2, 3], MaxFailures = 100 };
        var seen = new List<string>();
        foreach (var name in new[] { "nobody", "nobody", "nothing" })
        {
            await using var server = await TestServer.StartSubmissionAsync(files, sasl: sasl);
            await using var client = await SecureAsync(server);
            var challenge = await client.AskAsync($"AUTH SCRAM-SHA-256 {Base64($"n,,n={name},r=abc")}");
            seen.Add(Encoding.ASCII.GetString(Convert.FromBase64String(challenge[4..])).Split(',')[1]);
        }

        Assert.Equal(seen[0], seen[1]);
        Assert.NotEqual(seen[0], seen[2]);
        Assert.Equal("s=".Length + 24, seen[0].Length);
    }

    [Fact]
    public async Task Who_waits_behind_too_many_password_checks_is_told_to_come_back()
    {
        using var files = new TestCertificate();
        await using var server = await TestServer.StartSubmissionAsync(
            files, sasl: new SaslOptions { MaxPasswordChecks = 1, MaxWaitingChecks = -1 });
        await using var client = await SecureAsync(server);
        Assert.Equal(
            "454 4.7.0 Too many are signing in at this moment; try again soon", await client.AskAsync($"AUTH PLAIN {Base64("\0user\0pencil")}"));
        Assert.Empty(server.Policy.SignIns);
    }

    [Fact]
    public async Task A_scram_client_must_answer_the_servers_proof_before_it_is_in()
    {
        using var files = new TestCertificate();
        await using var server = await TestServer.StartSubmissionAsync(files);
        await using var client = await SecureAsync(server);
        await ProveAsync(client);
        Assert.StartsWith("501 5.5.2", await client.AskAsync(Base64("more")), StringComparison.Ordinal);
        Assert.Null(Assert.Single(server.Policy.Peers).Identity);
        await ProveAsync(client);
        Assert.Equal("235 2.7.0 Authentication succeeded", await client.AskAsync(""));
        Assert.Equal("account of user", Assert.Single(server.Policy.Peers).Identity!.Account);
    }

    [Fact]
    public async Task A_client_that_closes_inside_an_exchange_leaves_nothing_behind()
    {
        using var files = new TestCertificate();
        await using var server = await TestServer.StartSubmissionAsync(files);
        await using (var client = await SecureAsync(server))
        {
            Assert.Equal("334 ", await client.AskAsync("AUTH PLAIN"));
            client.Reset();
        }

        await server.Policy.Disconnected.Task;
        Assert.Equal(0, server.Policy.OpenConnections);
        Assert.Empty(server.Logs.Lines);
    }

    [Fact]
    public async Task An_exchange_ends_when_the_client_is_silent_too_long()
    {
        using var files = new TestCertificate();
        var time = new ManualTime();
        await using var server = await TestServer.StartAsync(
            TestServer.DefaultOptions with { Listeners = [TestServer.On(ListenerKind.Submission)] }, certificate: files.Load(), time: time,
            credentials: new MemoryCredentials());
        await using var client = await SecureAsync(server);
        Assert.Equal("334 ", await client.AskAsync("AUTH PLAIN"));
        await client.SendAsync("AAAA");
        var line = client.ReadLineAsync();
        await Clock.AdvanceUntilAsync(time, line);
        Assert.StartsWith("421 4.4.2", await line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stopping_server_ends_an_exchange()
    {
        using var files = new TestCertificate();
        await using var server = await TestServer.StartSubmissionAsync(files);
        await using var client = await SecureAsync(server);
        Assert.Equal("334 ", await client.AskAsync("AUTH PLAIN"));
        var stop = server.Server.StopAsync(CancellationToken.None);
        Assert.StartsWith("421 4.3.2", await client.ReadLineAsync(), StringComparison.Ordinal);
        await stop;
    }

    [Fact]
    public async Task Clear_text_on_the_tls_port_ends_the_connection_without_log_noise_or_a_word()
    {
        using var files = new TestCertificate();
        await using var server = await TestServer.StartSubmissionAsync(files, ListenerKind.SubmissionTls);
        await using var client = await server.ConnectAsync();
        await client.SendAsync("EHLO client.example\r\nAUTH PLAIN AHVzZXIAcGVuY2ls\r\n");
        Assert.DoesNotContain("220", await client.ReadLineAsync() ?? "", StringComparison.Ordinal);
        await server.Policy.Disconnected.Task;
        Assert.Empty(server.Logs.Lines);
    }

    [Fact]
    public async Task A_refused_client_of_the_tls_port_is_sent_nothing_in_clear()
    {
        using var files = new TestCertificate();
        var policy = new MemoryPolicy { ConnectReply = new SmtpReply(421, "4.7.0", "not you") { Closes = true } };
        await using var server = await TestServer.StartSubmissionAsync(files, ListenerKind.SubmissionTls, policy: policy);
        await using var client = await server.ConnectAsync();
        Assert.Null(await client.ReadLineAsync());
    }

    [Fact]
    public void Submission_needs_a_certificate_and_credentials()
    {
        using var files = new TestCertificate();
        SmtpServer Create(bool certificate, bool credentials) => new(
            TestServer.AllListeners, new MemoryPolicy(), certificate ? files.Load() : null, TimeProvider.System, new CollectedLogs(),
            credentials ? new MemoryCredentials() : null);
        Assert.Throws<ArgumentException>(() => Create(certificate: false, credentials: true));
        Assert.Throws<ArgumentException>(() => Create(certificate: true, credentials: false));
    }

    [Fact]
    public async Task Where_one_address_is_taken_none_is_listened_on()
    {
        using var files = new TestCertificate();
        await using var other = await TestServer.StartAsync();
        var free = TestServer.On(ListenerKind.Mx) with { EndPoint = new IPEndPoint(IPAddress.Loopback, Loopback.FreePort()) };
        var options = TestServer.DefaultOptions with { Listeners = [free, new SmtpListener(ListenerKind.Submission, other.Server.EndPoint)] };
        var failure = await Assert.ThrowsAsync<ListenException>(
            () => TestServer.StartAsync(options, certificate: files.Load(), credentials: new MemoryCredentials()));
        Assert.Equal((ListenerKind.Submission, other.Server.EndPoint), (failure.Kind, failure.EndPoint));
        await using var again = await TestServer.StartAsync(TestServer.DefaultOptions with { Listeners = [free] });
        Assert.Equal(free.EndPoint, again.Server.EndPoint);
    }

    private static async Task ProveAsync(RawClient client)
    {
        const string bare = "n=user,r=abc";
        var serverFirst = Decode(await client.AskAsync($"AUTH SCRAM-SHA-256 {Base64("n,," + bare)}"));
        var fields = serverFirst.Split(',');
        var withoutProof = "c=biws," + fields[0];
        var proof = ScramProof.Of("pencil", Convert.FromBase64String(fields[1][2..]), int.Parse(fields[2][2..]), $"{bare},{serverFirst},{withoutProof}");
        Assert.StartsWith("v=", Decode(await client.AskAsync(Base64($"{withoutProof},p={proof}"))), StringComparison.Ordinal);
    }

    private static async Task<RawClient> SecureAsync(TestServer server)
    {
        var client = await server.ConnectAsync();
        await client.GreetAsync();
        await client.AskAsync("STARTTLS");
        await client.StartTlsAsync();
        await client.AskAsync("EHLO client.example");
        return client;
    }

    private static string Decode(string challenge)
    {
        Assert.StartsWith("334 ", challenge, StringComparison.Ordinal);
        return Encoding.ASCII.GetString(Convert.FromBase64String(challenge[4..]));
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
