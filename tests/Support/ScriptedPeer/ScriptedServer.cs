using System.Net;
using System.Net.Sockets;

namespace Smtpy.Tests.Support.ScriptedPeer;

/// <summary>A mail server on loopback that does what a script says, one script for each connection in order; the last one repeats.</summary>
public sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly Func<PeerSession, Task>[] _scripts;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _sessions = [];
    private readonly Task _accepting;
    private int _connections;

    public ScriptedServer(params Func<PeerSession, Task>[] scripts)
        : this(new IPEndPoint(IPAddress.Loopback, 0), scripts)
    {
    }

    public ScriptedServer(IPEndPoint at, params Func<PeerSession, Task>[] scripts)
    {
        _listener = new TcpListener(at);
        _scripts = scripts;
        _listener.Start();
        EndPoint = (IPEndPoint)_listener.LocalEndpoint;
        _accepting = AcceptAsync();
    }

    public IPEndPoint EndPoint { get; }

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Waits until all scripts that were begun have ended, and fails with what the first of them failed with.</summary>
    public Task FinishAsync()
    {
        lock (_sessions)
        {
            return Task.WhenAll(_sessions).WaitAsync(Until.Patience);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        Task[] sessions;
        lock (_sessions)
        {
            sessions = [.. _sessions];
        }

        foreach (var session in sessions)
        {
            await session.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                var script = _scripts[Math.Min(Interlocked.Increment(ref _connections) - 1, _scripts.Length - 1)];
                lock (_sessions)
                {
                    _sessions.Add(Task.Run(() => RunAsync(client, script)));
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // Stopped.
        }
    }

    private async Task RunAsync(TcpClient client, Func<PeerSession, Task> script)
    {
        await using var session = new PeerSession(client, _stop.Token);
        await script(session);
    }
}
