using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Smtpy.Mail.Server.Connections;
using Smtpy.Mail.Server.Session;
using Smtpy.Mail.Tls;

namespace Smtpy.Mail.Server;

/// <summary>An SMTP server on one listening address (RFC 5321), on Kestrel's socket transport.</summary>
public sealed partial class SmtpServer : IAsyncDisposable
{
    // Bounds what one client makes us hold before it is read; a message of this size passes without waiting.
    private const int ReadBuffer = 128 * 1024;

    // After the drain time, what is left gets its 421; then the sockets are cut.
    private static readonly TimeSpan ForcedStopTimeout = TimeSpan.FromSeconds(2);

    private readonly SmtpServerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _logs;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _forcedStop = new();
    private readonly ConcurrentDictionary<SmtpConnection, byte> _connections = new();
    private readonly ServerContext _context;
    private readonly Heartbeat _heartbeat;
    private IConnectionListener? _listener;
    private Task _accepting = Task.CompletedTask;
    private readonly Lock _stop = new();
    private Task? _stopping;

    /// <param name="certificate">Null: STARTTLS is not offered. Owned by the caller.</param>
    public SmtpServer(
        SmtpServerOptions options, ISmtpPolicy policy, TlsCertificate? certificate, TimeProvider time, ILoggerFactory logs)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(logs);
        (_options, _time, _logs) = (options, time, logs);
        _logger = logs.CreateLogger<SmtpServer>();
        _heartbeat = new Heartbeat(time);
        _context = new ServerContext
        {
            Options = options,
            Replies = new SessionReplies(options),
            Policy = policy,
            Certificate = certificate,
            Heartbeat = _heartbeat,
            Logger = _logger,
            ForcedStop = _forcedStop.Token,
        };
    }

    /// <summary>The address listened on, with the port that the system chose where 0 was asked for.</summary>
    public IPEndPoint EndPoint =>
        (IPEndPoint)(_listener?.EndPoint ?? throw new InvalidOperationException("The SMTP server has not been started"));

    /// <summary>Connections open now.</summary>
    public int ConnectionCount => _connections.Count;

    /// <exception cref="ListenException">The address cannot be listened on.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        SmtpMetrics.Publish();
        var transport = new SocketTransportOptions
        {
            NoDelay = true,
            Backlog = 1024,
            MaxReadBufferSize = ReadBuffer,

            // An idle connection holds no buffer.
            WaitForDataBeforeAllocatingBuffer = true,

            // Sessions never block a thread, so they may run where the socket's completion does.
            UnsafePreferInlineScheduling = true,
        };
        try
        {
            _listener = await new SocketTransportFactory(Options.Create(transport), _logs).BindAsync(_options.Listen, cancellationToken);
        }
        catch (Exception failure) when (failure is IOException or SocketException or InvalidOperationException)
        {
            throw new ListenException(_options.Listen, failure);
        }

        _accepting = AcceptAsync(_listener);
        LogListening(_logger, EndPoint);
    }

    /// <summary>
    /// Accepts no more; idle sessions get 421 and are closed, those inside a transaction may finish it within
    /// <see cref="SmtpServerOptions.DrainTimeout"/>. Returns when the last one is closed.
    /// </summary>
    /// <param name="cancellationToken">Ends the drain time early. A second call waits for the first one's stop.</param>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_stop)
        {
            return _stopping ??= _listener is null ? Task.CompletedTask : StopAsync(_listener, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _forcedStop.CancelAsync();
        await StopAsync(CancellationToken.None);
        _heartbeat.Dispose();
        _forcedStop.Dispose();
    }

    private async Task StopAsync(IConnectionListener listener, CancellationToken cancellationToken)
    {
        _context.BeginStop();
        await listener.UnbindAsync(CancellationToken.None);
        await _accepting;
        StopSessions();
        if (!await AllClosedAsync(_options.DrainTimeout, cancellationToken))
        {
            await _forcedStop.CancelAsync();
            StopSessions();
            if (!await AllClosedAsync(ForcedStopTimeout, CancellationToken.None))
            {
                foreach (var (connection, _) in _connections)
                {
                    connection.Abort();
                }

                await Task.WhenAll(_connections.Keys.Select(connection => connection.Closed));
            }
        }

        await listener.DisposeAsync();
    }

    private async Task AcceptAsync(IConnectionListener listener)
    {
        try
        {
            while (await listener.AcceptAsync() is { } accepted)
            {
                Begin(accepted);
            }
        }
        catch (Exception failure)
        {
            // Sessions under way go on; only the operator can bring back the listener.
            LogListenerFailed(_logger, _options.Listen, failure);
        }
    }

    private void Begin(ConnectionContext accepted)
    {
        var connection = new SmtpConnection(_context, accepted);
        var isWelcome = _connections.Count < _options.MaxConnections;
        _connections.TryAdd(connection, 0);

        // Not on the accept loop: the first steps of a session ask the policy, which may take its time.
        _ = Task.Run(() => ServeAsync(connection, isWelcome));
    }

    private async Task ServeAsync(SmtpConnection connection, bool isWelcome)
    {
        await connection.RunAsync(isWelcome);
        _connections.TryRemove(connection, out _);
    }

    private void StopSessions()
    {
        foreach (var (connection, _) in _connections)
        {
            connection.Stop();
        }
    }

    private async Task<bool> AllClosedAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(_connections.Keys.Select(connection => connection.Closed)).WaitAsync(limit, _time, cancellationToken);
            return true;
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Listening for SMTP on {EndPoint}")]
    private static partial void LogListening(ILogger logger, IPEndPoint endPoint);

    [LoggerMessage(Level = LogLevel.Critical, Message = "No more SMTP connections are accepted on {EndPoint}: the listener failed")]
    private static partial void LogListenerFailed(ILogger logger, IPEndPoint endPoint, Exception failure);
}
