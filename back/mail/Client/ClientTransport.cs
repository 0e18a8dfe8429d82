using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Smtpy.Mail.Client;

/// <summary>
/// The octets of one connection, clear or encrypted, under one deadline: the step under way names itself and its time, and
/// when that is over, everything pending on the connection ends.
/// </summary>
internal sealed class ClientTransport : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly CancellationTokenSource _abort = new();
    private readonly ITimer _timer;
    private SslStream? _tls;
    private string _step = "";
    private string? _abortReason;

    public ClientTransport(AddressFamily family, TimeProvider time)
    {
        // Without NoDelay a pipelined transaction waits for the peer's delayed acknowledgement: 40 ms a message.
        _socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _timer = time.CreateTimer(static state => ((ClientTransport)state!).OnTimeout(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Such as "Tls13", or null on a clear connection.</summary>
    public string? TlsVersion => _tls?.SslProtocol.ToString();

    /// <summary>Such as "TLSv1.3", as mail logs and Received fields have it, or null on a clear connection.</summary>
    public string? TlsName => _tls?.SslProtocol switch
    {
        null => null,
        SslProtocols.Tls13 => "TLSv1.3",
        SslProtocols.Tls12 => "TLSv1.2",
        var older => older.ToString(),
    };

    public bool IsEncrypted => _tls is not null;

    /// <summary>Gives the coming step a name and a time; it replaces the one before.</summary>
    public void Limit(TimeSpan time, string step)
    {
        _step = step;
        _timer.Change(time, Timeout.InfiniteTimeSpan);
    }

    /// <summary>No step is under way.</summary>
    public void Unlimit() => _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Ends everything pending; the connection cannot be used again. The first reason stays.</summary>
    public void Abort(string reason)
    {
        Interlocked.CompareExchange(ref _abortReason, reason, null);
        _abort.Cancel();
    }

    public async Task ConnectAsync(RemoteHost host)
    {
        try
        {
            await _socket.ConnectAsync(host.EndPoint, _abort.Token);
        }
        catch (Exception e) when (IsLoss(e))
        {
            throw Lost(e);
        }
    }

    public async Task EncryptAsync(SslClientAuthenticationOptions options)
    {
        var tls = new SslStream(new NetworkStream(_socket, ownsSocket: false));
        try
        {
            await tls.AuthenticateAsClientAsync(options, _abort.Token);
            _tls = tls;
        }
        catch (Exception e) when (e is AuthenticationException || IsLoss(e))
        {
            await tls.DisposeAsync();
            throw e is AuthenticationException ? new PeerLostException("TLS handshake failed: " + e.Message, e) : Lost(e);
        }
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> octets)
    {
        try
        {
            if (_tls is not null)
            {
                await _tls.WriteAsync(octets, _abort.Token);
                return;
            }

            while (!octets.IsEmpty)
            {
                var sent = await _socket.SendAsync(octets, SocketFlags.None, _abort.Token);
                octets = octets[sent..];
            }
        }
        catch (Exception e) when (IsLoss(e))
        {
            throw Lost(e);
        }
    }

    /// <returns>At least 1.</returns>
    public async ValueTask<int> ReceiveAsync(Memory<byte> memory)
    {
        int received;
        try
        {
            received = _tls is null
                ? await _socket.ReceiveAsync(memory, SocketFlags.None, _abort.Token)
                : await _tls.ReadAsync(memory, _abort.Token);
        }
        catch (Exception e) when (IsLoss(e))
        {
            throw Lost(e);
        }

        return received > 0 ? received : throw new PeerLostException($"connection closed by the peer ({_step})");
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        if (_tls is not null)
        {
            await _tls.DisposeAsync();
        }

        _socket.Dispose();
        _abort.Dispose();
    }

    private static bool IsLoss(Exception e) =>
        e is SocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;

    private PeerLostException Lost(Exception e) => new(
        _abortReason ?? (e is SocketException { SocketErrorCode: var code }
            ? $"{Describe(code)} ({_step})"
            : $"connection lost ({_step})"),
        e);

    private static string Describe(SocketError code) => code switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => "connection reset",
        SocketError.TimedOut => "connection timed out",
        SocketError.NetworkUnreachable => "network unreachable",
        SocketError.HostUnreachable => "host unreachable",
        _ => "connection lost: " + code,
    };

    private void OnTimeout() => Abort($"timed out ({_step})");
}
