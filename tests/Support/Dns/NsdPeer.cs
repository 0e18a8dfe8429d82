using System.Globalization;
using Smtpy.Tests.Support.Processes;

namespace Smtpy.Tests.Support.Dns;

/// <summary>
/// NSD, a real authoritative name server, on a private loopback port as an ordinary user. It serves the root zone and nothing else,
/// so a name that is not there does not exist (NXDOMAIN) rather than being somebody else's business (REFUSED).
/// </summary>
/// <remarks>Not a resolver: recursion that is asked for is not offered, which is all the same for names it knows.</remarks>
public sealed class NsdPeer : IAsyncDisposable
{
    private readonly TempFolder _folder = new("nsd");
    private readonly SortedDictionary<string, string> _parts = new(StringComparer.Ordinal);
    private ChildProcess? _server;
    private int _serial;

    private NsdPeer() => Port = Loopback.FreePort();

    public int Port { get; }

    /// <summary>As <c>DNS_SERVER</c> takes it.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    public string Log => _server?.Log ?? "";

    /// <param name="records">Lines of a zone file with absolute names ("mx.peer.test. A 127.0.0.1").</param>
    public static async Task<NsdPeer> StartAsync(string records, CancellationToken cancellationToken = default)
    {
        RequiredPackages.Need("nsd");
        var peer = new NsdPeer();
        try
        {
            peer._parts[""] = records;
            await peer.WriteAsync(cancellationToken);
            await peer.LaunchAsync(cancellationToken);
            return peer;
        }
        catch
        {
            await peer.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sets one part of the zone, in place of what was set under this name before, and returns when it is served.</summary>
    public async Task ReloadAsync(string part, string records, CancellationToken cancellationToken = default)
    {
        _parts[part] = records;
        await WriteAsync(cancellationToken);
        (await ChildProcess.RunAsync(
            Privileges.AsRoot("kill", "-HUP", (await File.ReadAllTextAsync(_folder.Combine("nsd.pid"), cancellationToken)).Trim()),
            cancellationToken: cancellationToken)).MustSucceed();
        await Until.TrueAsync($"NSD serves the new zone\n{Log}", () => ServesAsync(cancellationToken), cancellationToken: cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        await ChildProcess.RunAsync(Privileges.AsRoot("rm", "-rf", _folder.Path));
        _folder.Dispose();
    }

    private async Task LaunchAsync(CancellationToken cancellationToken)
    {
        var configuration = _folder.Combine("nsd.conf");
        await File.WriteAllTextAsync(configuration, Configuration(), cancellationToken);
        if (Privileges.IsRoot)
        {
            (await ChildProcess.RunAsync(["chown", "-R", "nobody", _folder.Path], cancellationToken: cancellationToken)).MustSucceed();
        }

        _server = ChildProcess.Start(Privileges.AsNobody("/usr/sbin/nsd", "-d", "-c", configuration));
        await Until.TrueAsync(
            "NSD answers", async () => _server.HasExited || await ServesAsync(cancellationToken), cancellationToken: cancellationToken);
        if (_server.HasExited)
        {
            throw new InvalidOperationException("NSD ended at its start:\n" + _server.Log);
        }
    }

    /// <summary>TTLs of 0: who asks again gets what is there now.</summary>
    private Task WriteAsync(CancellationToken cancellationToken) => File.WriteAllTextAsync(
        _folder.Combine("root.zone"),
        string.Create(
            CultureInfo.InvariantCulture,
            $"$ORIGIN .\n$TTL 0\n@ SOA ns.test. root.test. {++_serial} 3600 600 86400 0\n@ NS ns.test.\nns.test. A 127.0.0.1\n{string.Join('\n', _parts.Values)}\n"),
        cancellationToken);

    private async Task<bool> ServesAsync(CancellationToken cancellationToken)
    {
        var serial = await DnsQuestion.RootSerialAsync(Port, cancellationToken);
        return serial == _serial;
    }

    private string Configuration() =>
        $"""
        server:
          ip-address: 127.0.0.1@{Port.ToString(CultureInfo.InvariantCulture)}
          do-ip6: no
          username: ""
          zonesdir: "{_folder.Path}"
          database: ""
          pidfile: "{_folder.Combine("nsd.pid")}"
          xfrdfile: "{_folder.Combine("xfrd.state")}"
          zonelistfile: "{_folder.Combine("zone.list")}"
          xfrdir: "{_folder.Path}"
          server-count: 1
          rrl-ratelimit: 0
        remote-control:
          control-enable: no
        zone:
          name: "."
          zonefile: "root.zone"

        """;
}
