using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Smtpy.Mail.Server;
using Xunit;

namespace Smtpy.Mail.Tests.Server;

public sealed class TlsTests
{
    [Theory]
    [InlineData(SslProtocols.Tls12, "TLSv1.2 TLS_")]
    [InlineData(SslProtocols.Tls13, "TLSv1.3 TLS_")]
    public async Task The_peer_carries_protocol_and_cipher(SslProtocols protocol, string expected)
    {
        using var files = new TestCertificate();
        await using var server = await TestServer.StartAsync(certificate: files.Load());
        await using var client = await StartTlsAsync(server, new SslClientAuthenticationOptions { EnabledSslProtocols = protocol });
        await client.AskAsync("EHLO again.example");
        var peer = Assert.Single(server.Policy.Peers);
        Assert.StartsWith(expected, peer.Tls, StringComparison.Ordinal);
        Assert.Equal("again.example", peer.Helo);
        Assert.Equal("ESMTPS", peer.Protocol(smtpUtf8: false));
    }

    [Fact]
    public async Task Old_tls_ends_the_connection_without_log_noise()
    {
        using var files = new TestCertificate();
        await using var server = await TestServer.StartAsync(certificate: files.Load());
        await using var client = await server.ConnectAsync();
        await client.GreetAsync();
        await client.AskAsync("STARTTLS");
        await client.SendAsync("this is no ClientHello\r\n");
        while (await client.ReadLineAsync() is not null)
        {
        }

        await server.Policy.Disconnected.Task;
        Assert.Empty(server.Logs.Lines);
    }

    [Fact]
    public async Task A_large_message_passes_through_tls()
    {
        using var files = new TestCertificate();
        await using var server = await TestServer.StartAsync(certificate: files.Load());
        await using var client = await StartTlsAsync(server);
        await client.AskAsync("EHLO client.example");
        var line = new string('x', 998) + "\r\n";
        await client.SendAsync("MAIL FROM:<a@b.example>\r\nRCPT TO:<a@b.example>\r\nBDAT 3000000 LAST\r\n");
        for (var i = 0; i < 3000; i++)
        {
            await client.SendAsync(line);
        }

        await client.ReadReplyAsync();
        await client.ReadReplyAsync();
        Assert.Equal("250 2.0.0 Stored", await client.ReadReplyAsync());
        Assert.Equal(3_000_000, Assert.Single(server.Policy.Messages).Size);
    }

    [Fact]
    public async Task A_new_certificate_is_taken_and_a_broken_one_is_not()
    {
        using var files = new TestCertificate("one.test");
        var time = new ManualTime();
        var logs = new CollectedLogs();
        await using var server = await TestServer.StartAsync(certificate: files.Load(time, logs), time: time);
        Assert.Equal("CN=one.test", await SubjectAsync(server, "one.test"));

        files.Create("two.test");
        File.SetLastWriteTimeUtc(files.CertificatePath, new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal("CN=one.test", await SubjectAsync(server, "one.test"));
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("CN=two.test", await SubjectAsync(server, "two.test"));
        Assert.Empty(logs.Lines);

        await File.WriteAllTextAsync(files.CertificatePath, "garbage");
        for (var i = 0; i < 3; i++)
        {
            time.Advance(TimeSpan.FromSeconds(31));
            Assert.Equal("CN=two.test", await SubjectAsync(server, "two.test"));
        }

        Assert.Contains("cannot be used, the old one stays", Assert.Single(logs.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_whole_chain_of_the_file_is_sent()
    {
        using var files = new TestCertificate();
        var intermediate = ChainedCertificate.Write(files.CertificatePath, files.KeyPath);
        await using var server = await TestServer.StartAsync(certificate: files.Load());
        var sent = new List<string>();
        await using var client = await server.ConnectAsync();
        await client.GreetAsync();
        await client.AskAsync("STARTTLS");
        await client.StartTlsAsync(new SslClientAuthenticationOptions(), (_, _, chain, _) =>
        {
            sent.AddRange(chain!.ChainPolicy.ExtraStore.Select(certificate => certificate.Thumbprint));
            return sent.Contains(intermediate);
        });
        Assert.Contains(intermediate, sent);
    }

    [Fact]
    public void The_self_signed_key_is_for_its_owner_only_and_the_certificate_lasts()
    {
        using var files = new TestCertificate("mx.test");
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(files.CertificatePath);
        Assert.True(certificate.MatchesHostname("mx.test"));
        Assert.True(certificate.NotAfter.ToUniversalTime() > TimeProvider.System.GetUtcNow().UtcDateTime.AddYears(9));
        Assert.Equal(256, certificate.GetECDsaPublicKey()!.KeySize);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(files.KeyPath));
        }
    }

    private static async Task<RawClient> StartTlsAsync(TestServer server, SslClientAuthenticationOptions? options = null)
    {
        var client = await server.ConnectAsync();
        await client.GreetAsync();
        Assert.Equal("220 2.0.0 Ready to start TLS", await client.AskAsync("STARTTLS"));
        await client.StartTlsAsync(options);
        return client;
    }

    private static async Task<string> SubjectAsync(TestServer server, string host)
    {
        await using var client = await StartTlsAsync(server, new SslClientAuthenticationOptions { TargetHost = host });
        return client.Tls!.RemoteCertificate!.Subject;
    }
}
