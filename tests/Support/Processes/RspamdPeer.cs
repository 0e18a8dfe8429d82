using System.Globalization;

namespace Smtpy.Tests.Support.Processes;

/// <summary>
/// Rspamd as the checker of a destination: a milter that judges SPF, DKIM, DMARC and ARC, writes Authentication-Results, and does
/// nothing else. Loopback is a stranger to it, as any address is.
/// </summary>
/// <remarks>Ready in half a second: its suffix list is one line, and it learns no languages.</remarks>
public sealed class RspamdPeer : IAsyncDisposable
{
    private readonly TempFolder _folder = new("rspamd");
    private ChildProcess? _server;

    private RspamdPeer()
    {
        Port = Loopback.FreePort();
        HttpPort = Loopback.FreePort();
    }

    public int Port { get; }

    /// <summary>Of the worker that answers <c>/checkv2</c>.</summary>
    public int HttpPort { get; }

    /// <summary>As Postfix's smtpd_milters takes it.</summary>
    public string Milter => string.Create(CultureInfo.InvariantCulture, $"inet:127.0.0.1:{Port}");

    public string Log => _server?.Log ?? "";

    /// <param name="dnsPort">On 127.0.0.1: the name server it asks.</param>
    public static async Task<RspamdPeer> StartAsync(int dnsPort, CancellationToken cancellationToken = default)
    {
        RequiredPackages.Need("rspamd");
        var peer = new RspamdPeer();
        try
        {
            await peer.LaunchAsync(dnsPort, cancellationToken);
            return peer;
        }
        catch
        {
            await peer.DisposeAsync();
            throw;
        }
    }

    /// <summary>As an operator stops it, with its workers.</summary>
    public Task StopAsync() => _server!.StopAsync(Until.Patience);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        await ChildProcess.RunAsync(Privileges.AsRoot("rm", "-rf", _folder.Path));
        _folder.Dispose();
    }

    private async Task LaunchAsync(int dnsPort, CancellationToken cancellationToken)
    {
        var configuration = _folder.Combine("rspamd.conf");
        _folder.Folder("languages");
        await File.WriteAllTextAsync(_folder.Combine("suffixes"), "test\n", cancellationToken);
        await File.WriteAllTextAsync(configuration, Configuration(dnsPort), cancellationToken);
        if (Privileges.IsRoot)
        {
            (await ChildProcess.RunAsync(["chown", "-R", "nobody", _folder.Path], cancellationToken: cancellationToken)).MustSucceed();
        }

        _server = ChildProcess.Start(Privileges.AsNobody(
            "/usr/bin/rspamd", "-f", "-i", "-c", configuration, $"--var=RUNDIR={_folder.Path}", $"--var=DBDIR={_folder.Path}", $"--var=LOGDIR={_folder.Path}"));
        await Until.TrueAsync(
            "Rspamd listens",
            async () => _server.HasExited || (await Loopback.AnswersAsync(Port, cancellationToken) && await Loopback.AnswersAsync(HttpPort, cancellationToken)),
            cancellationToken: cancellationToken);
        if (_server.HasExited)
        {
            throw new InvalidOperationException("Rspamd ended at its start:\n" + _server.Log);
        }
    }

    private string Configuration(int dnsPort) =>
        $$"""
        options {
          pidfile = "{{_folder.Combine("rspamd.pid")}}";
          filters = "dkim";
          local_addrs = ["192.0.2.1"]; check_local = true; check_authed = true;
          hs_cache_dir = "{{_folder.Path}}/";
          tempdir = "{{_folder.Path}}";
          url_tld = "{{_folder.Combine("suffixes")}}";
          dns { nameserver = ["127.0.0.1:{{dnsPort.ToString(CultureInfo.InvariantCulture)}}:1"]; timeout = 5s; retransmits = 3; }
        }
        logging { type = "console"; level = "notice"; color = false; }
        modules { path = "/usr/share/rspamd/plugins"; }
        lang_detection { languages = "{{_folder.Combine("languages")}}"; }
        spf { spf_cache_size = 0; check_local = true; }
        dkim { check_local = true; dkim_cache_size = 1; dkim_cache_expire = 1s; time_jitter = 6h; trusted_only = false; skip_multi = false; }
        dmarc { check_local = true; }
        arc { check_local = true; sign_inbound = false; sign_local = false; sign_authenticated = false; }
        milter_headers {
          use = ["authentication-results"]; skip_local = false; skip_authenticated = false;
          routines { authentication-results { add_smtp_user = false; } }
        }
        actions { reject = 15; add_header = 6; greylist = 4; }
        worker "normal" { bind_socket = "127.0.0.1:{{HttpPort.ToString(CultureInfo.InvariantCulture)}}"; count = 1; }
        worker "rspamd_proxy" {
          bind_socket = "127.0.0.1:{{Port.ToString(CultureInfo.InvariantCulture)}}"; milter = yes; timeout = 20s; count = 1;
          upstream "local" { default = yes; self_scan = yes; }
        }

        """;
}
