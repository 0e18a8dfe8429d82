using System.Globalization;

namespace Smtpy.Tests.Support.Processes;

/// <summary>A real Redis on a private loopback port, as an ordinary user, with a password and nothing on disk.</summary>
public sealed class RedisPeer : IAsyncDisposable
{
    private readonly TempFolder _folder = new("redis");
    private ChildProcess? _server;

    private RedisPeer() => Port = Loopback.FreePort();

    public int Port { get; }

    public string Password { get; } = "s3cret/+=";

    /// <summary>As compose files give it.</summary>
    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["REDIS_HOST"] = "127.0.0.1",
        ["REDIS_PORT"] = Port.ToString(CultureInfo.InvariantCulture),
        ["REDIS_PASSWORD"] = Password,
    };

    public static async Task<RedisPeer> StartAsync(CancellationToken cancellationToken = default)
    {
        RequiredPackages.Need("redis-server");
        var peer = new RedisPeer();
        await peer.StartAgainAsync(cancellationToken);
        return peer;
    }

    /// <summary>After <see cref="KillAsync"/>: empty, on the same port.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _server = ChildProcess.Start(Privileges.AsNobody(
            "/usr/bin/redis-server", "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--requirepass", Password,
            "--save", "", "--appendonly", "no", "--dir", _folder.Path));
        await Until.TrueAsync(
            "Redis listens", async () => _server.HasExited || await Loopback.AnswersAsync(Port, cancellationToken), cancellationToken: cancellationToken);
        if (_server.HasExited)
        {
            throw new InvalidOperationException("Redis ended at its start:\n" + _server.Log);
        }
    }

    public Task KillAsync() => _server!.KillAsync();

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder.Dispose();
    }
}
