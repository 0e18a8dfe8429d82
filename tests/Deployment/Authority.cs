using Smtpy.Tests.Support;
using Smtpy.Tests.Support.Processes;

namespace Smtpy.Deployment;

/// <summary>
/// A certificate authority of the outside world (RFC 8555): it looks our names up in the world's DNS and comes to the published
/// port 80 for the proof. Each time it starts it has another root.
/// </summary>
internal sealed class Authority
{
    public const string Container = "smtpy-world-acme";

    /// <summary>Where certbot, in our public network, finds it.</summary>
    public const string Directory = "https://acme.test:14000/dir";

    private const string Address = "172.29.77.14";

    private readonly TempFolder _folder = new("acme");

    /// <summary>Vouches for the authority's own https, and for nothing that it issues.</summary>
    public string OwnCertificate => _folder.Combine("certificate.pem");

    /// <summary>What a client of the site has to trust.</summary>
    public string Root => _folder.Combine("root.pem");

    public async Task StartAsync()
    {
        (await ChildProcess.RunAsync([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=acme.test",
            "-addext", "subjectAltName=DNS:acme.test", "-keyout", _folder.Combine("key.pem"), "-out", OwnCertificate])).MustSucceed();
        await File.WriteAllTextAsync(
            _folder.Combine("pebble.json"),
            """
            { "pebble": {
                "listenAddress": "0.0.0.0:14000", "managementListenAddress": "0.0.0.0:15000", "ocspResponderURL": "",
                "certificate": "/acme/certificate.pem", "privateKey": "/acme/key.pem", "httpPort": 80, "tlsPort": 443 } }
            """);
        await Docker.RunAsync(
            "run", "--detach", "--name", Container, "--network", World.OutsideNetwork, "--ip", Address, "--dns", World.OutsideResolver,
            "--volume", _folder.Path + ":/acme:ro", "smtpy-peer-acme");
        await Docker.RunAsync("network", "connect", "--alias", "acme.test", World.OurPublicNetwork, Container);
        await Until.TrueAsync(
            Container,
            async () => (await ChildProcess.RunAsync(["curl", "-fsSk", "--output", Root, $"https://{Address}:15000/roots/0"])).ExitCode == 0);
    }
}
