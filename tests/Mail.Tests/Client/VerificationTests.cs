using System.Security.Cryptography;
using Smtpy.Mail.Client;
using Smtpy.Mail.TlsPolicy;
using Smtpy.Tests.Support.ScriptedPeer;
using Xunit;

namespace Smtpy.Mail.Tests.Client;

/// <summary>Who vouches for a server, and what that allows (RFC 7672, RFC 8689).</summary>
public sealed class VerificationTests : IDisposable
{
    private const string Host = "peer.example";

    private readonly TestAuthority _authority = new();
    private readonly SmtpClientOptions _verified;

    public VerificationTests() => _verified = ClientFixture.Options with { Tls = SmtpTls.RequiredVerified, TrustedRoots = _authority.Trusted };

    public void Dispose() => _authority.Dispose();

    private static async Task<ConnectResult> ConnectAsync(TlsPeer peer, SmtpClientOptions options) => await SmtpClientConnection.ConnectAsync(
        new RemoteHost(Host, peer.EndPoint), options, TimeProvider.System, TestContext.Current.CancellationToken);

    [Theory]
    [InlineData(Host, false, TlsResult.Success)]
    [InlineData("other.example", false, TlsResult.CertificateHostMismatch)]
    [InlineData(Host, true, TlsResult.CertificateExpired)]
    public async Task A_certificate_is_judged_and_costs_the_session_only_where_it_must_be_valid(string name, bool expired, TlsResult result)
    {
        await using var peer = new TlsPeer(_authority.Server(name, expired));
        var strict = await ConnectAsync(peer, _verified with { VerifiedBy = TlsAuthentication.MtaSts });
        Assert.Equal(result, strict.Tls);
        Assert.Equal(result == TlsResult.Success ? "TLSv1.3, verified by MTA-STS" : null, strict.Connection?.TlsText);
        Assert.Equal(1, peer.Connections);
        var easy = await ConnectAsync(peer, _verified with { Tls = SmtpTls.Opportunistic });
        Assert.Equal(result, easy.Tls);
        Assert.Equal(result == TlsResult.Success ? "TLSv1.3, verified by PKIX" : "TLSv1.3, not verified", easy.Connection!.TlsText);
        await easy.Connection.DisposeAsync();
        if (strict.Connection is { } connection)
        {
            await connection.DisposeAsync();
        }
        else
        {
            Assert.Equal("4.7.5", strict.Failure.Enhanced);
        }
    }

    [Fact]
    public async Task An_authority_nobody_trusts_and_no_TLS_at_all_are_told_apart()
    {
        using var stranger = new TestAuthority("Stranger");
        await using var untrusted = new TlsPeer(stranger.Server(Host));
        Assert.Equal(TlsResult.CertificateNotTrusted, (await ConnectAsync(untrusted, _verified)).Tls);
        await using var clear = new TlsPeer(null);
        Assert.Equal(TlsResult.StarttlsNotSupported, (await ConnectAsync(clear, _verified)).Tls);
        var open = await ConnectAsync(clear, ClientFixture.Options);
        Assert.Equal((TlsResult.StarttlsNotSupported, "no TLS"), (open.Tls, open.Connection!.TlsText));
        await open.Connection.DisposeAsync();
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(3, false)]
    [InlineData(2, true)]
    [InlineData(2, false)]
    public async Task TLSA_records_decide_instead_of_any_authority(int usage, bool right)
    {
        using var stranger = new TestAuthority("Stranger");
        using var leaf = stranger.Issue(Host);
        using var other = new TestAuthority("Stranger");
        var known = right ? (usage == 3 ? leaf : stranger.Intermediate) : other.Intermediate;
        await using var peer = new TlsPeer(stranger.Shown(leaf));
        var record = new TlsaAssociation(usage, 1, 1, SHA256.HashData(known.PublicKey.ExportSubjectPublicKeyInfo()));
        var result = await ConnectAsync(peer, _verified with { Tlsa = [record], VerifiedBy = TlsAuthentication.Dane });
        Assert.Equal(right ? TlsResult.Success : TlsResult.ValidationFailure, result.Tls);
        Assert.Equal(right ? "TLSv1.3, verified by DANE" : null, result.Connection?.TlsText);
        Assert.Equal(1, peer.Connections);
        if (result.Connection is { } connection)
        {
            await connection.DisposeAsync();
        }
        else
        {
            Assert.Equal("451 4.7.5 the certificate of peer.example is not accepted: it does not match the host's TLSA records", result.Failure.ToString());
        }
    }

    [Theory]
    [InlineData(true, true, "")]
    [InlineData(true, false, "550 5.7.30 the sender requires TLS all the way (REQUIRETLS), which peer.example does not offer")]
    [InlineData(false, true, "550 5.7.30 the sender requires verified TLS, and with peer.example there is none (TLSv1.3, not verified)")]
    public async Task A_REQUIRETLS_message_needs_a_verified_session_with_the_extension(bool valid, bool offered, string refusal)
    {
        await using var peer = new TlsPeer(_authority.Server(valid ? Host : "other.example"), offered ? ["REQUIRETLS"] : []);
        await using var connection = (await ConnectAsync(peer, _verified with { Tls = SmtpTls.Opportunistic })).Connection!;
        var result = await connection.SendAsync(
            new SmtpEnvelope("me@client.example", ["you@peer.example"]) { RequireTls = true }, default, ClientFixture.Content(ClientFixture.Body), TestContext.Current.CancellationToken);
        if (refusal.Length == 0)
        {
            Assert.Equal(SendStatus.Delivered, result.Recipients[0].Status);
            Assert.Equal("tls MAIL FROM:<me@client.example> REQUIRETLS", Assert.Single(peer.Mail));
            return;
        }

        Assert.Equal((SendStatus.Refused, refusal), (result.Recipients[0].Status, result.Recipients[0].Reply.ToString()));
        Assert.Empty(peer.Mail);
        Assert.True(connection.IsUsable);
    }
}
