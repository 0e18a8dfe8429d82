using System.Globalization;
using System.Security.Cryptography;

namespace Smtpy.Tests.Support.Processes;

/// <summary>OpenDKIM as the signer of a mail host: a milter that signs for the domains it was given, one key each.</summary>
public sealed class OpendkimPeer : IAsyncDisposable
{
    public const string Selector = "peer";

    private readonly TempFolder _folder = new("opendkim");
    private readonly Dictionary<string, string> _records = [];
    private ChildProcess? _server;

    private OpendkimPeer() => Port = Loopback.FreePort();

    public int Port { get; }

    /// <summary>As Postfix's smtpd_milters takes it.</summary>
    public string Milter => string.Create(CultureInfo.InvariantCulture, $"inet:127.0.0.1:{Port}");

    /// <summary>The lines of a zone file that publish its keys.</summary>
    public string Records => string.Join('\n', _records.Select(record => $"{record.Key}. TXT {record.Value}"));

    public static async Task<OpendkimPeer> StartAsync(IReadOnlyList<string> domains, CancellationToken cancellationToken = default)
    {
        RequiredPackages.Need("opendkim");
        var peer = new OpendkimPeer();
        try
        {
            await peer.LaunchAsync(domains, cancellationToken);
            return peer;
        }
        catch
        {
            await peer.DisposeAsync();
            throw;
        }
    }

    /// <summary>The PEM file of a domain's private key, for another signer.</summary>
    public string KeyFile(string domain) => _folder.Combine(domain + ".pem");

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        await ChildProcess.RunAsync(Privileges.AsRoot("rm", "-rf", _folder.Path));
        _folder.Dispose();
    }

    private async Task LaunchAsync(IReadOnlyList<string> domains, CancellationToken cancellationToken)
    {
        foreach (var domain in domains)
        {
            await MakeKeyAsync(domain, cancellationToken);
        }

        await File.WriteAllLinesAsync(
            _folder.Combine("keys"), domains.Select(domain => $"{domain} {domain}:{Selector}:{KeyFile(domain)}"), cancellationToken);
        await File.WriteAllLinesAsync(_folder.Combine("signing"), domains.Select(domain => $"*@{domain} {domain}"), cancellationToken);
        await File.WriteAllTextAsync(_folder.Combine("opendkim.conf"), Configuration(), cancellationToken);
        if (Privileges.IsRoot)
        {
            (await ChildProcess.RunAsync(["chown", "-R", "nobody", _folder.Path], cancellationToken: cancellationToken)).MustSucceed();
        }

        _server = ChildProcess.Start(Privileges.AsNobody("/usr/sbin/opendkim", "-f", "-x", _folder.Combine("opendkim.conf")));
        await Until.TrueAsync(
            "OpenDKIM listens", async () => _server.HasExited || await Loopback.AnswersAsync(Port, cancellationToken), cancellationToken: cancellationToken);
        if (_server.HasExited)
        {
            throw new InvalidOperationException("OpenDKIM ended at its start:\n" + _server.Log);
        }
    }

    private async Task MakeKeyAsync(string domain, CancellationToken cancellationToken)
    {
        using var key = RSA.Create(2048);
        await File.WriteAllTextAsync(KeyFile(domain), key.ExportRSAPrivateKeyPem() + "\n", cancellationToken);
        var text = "v=DKIM1; k=rsa; p=" + Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());

        // RFC 1035 section 3.3.14: strings of at most 255 octets.
        _records[$"{Selector}._domainkey.{domain}"] = string.Join(' ', text.Chunk(250).Select(part => $"\"{new string(part)}\""));
    }

    private string Configuration() =>
        $"""
        Mode s
        Socket inet:{Port.ToString(CultureInfo.InvariantCulture)}@127.0.0.1
        KeyTable {_folder.Combine("keys")}
        SigningTable refile:{_folder.Combine("signing")}
        InternalHosts 127.0.0.0/8
        Canonicalization relaxed/simple
        OversignHeaders From
        RequireSafeKeys no
        PidFile {_folder.Combine("opendkim.pid")}
        Syslog no

        """;
}
