using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Smtpy.Mail.Server.Connections;
using Smtpy.Mail.Server.Sasl;
using Smtpy.Mail.Server.Session;
using Smtpy.Mail.Tls;

namespace Smtpy.Mail.Server;

/// <summary>
/// An SMTP server on its listening addresses, on Kestrel's socket transport: as an MX (RFC 5321) and for submission (RFC 6409).
/// Limits hold for all listeners together.
/// </summary>
public sealed partial class SmtpServer : IAsyncDisposable
{
    // After the drain time, what is left gets its 421; then the sockets are cut.
    private static readonly TimeSpan ForcedStopTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Then other sockets of the same thread have their turn: where connections never cease to come, no accept waits.</summary>
    private const int AcceptsInARow = 32;

    private readonly SmtpServerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _logs;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _forcedStop = new();
    private readonly ConcurrentDictionary<SmtpConnection, byte> _connections = new();

    /// <summary>Of <see cref="_connections"/>, which takes all of its locks to count.</summary>
    private int _count;
    private readonly Heartbeat _heartbeat;
    private readonly SaslUsers? _users;
    private readonly List<ListeningSocket> _listening;
    private readonly Lock _stop = new();
    private Task? _stopping;

    /// <param name="certificate">Null: STARTTLS is not offered, and there can be no submission. Owned by the caller.</param>
    /// <param name="credentials">Null: there can be no submission.</param>
    /// <exception cref="ArgumentException">The options have a submission listener, and what it needs is missing.</exception>
    public SmtpServer(
        SmtpServerOptions options, ISmtpPolicy policy, TlsCertificate? certificate, TimeProvider time, ILoggerFactory logs,
        ISaslCredentials? credentials = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(logs);
        if ((certificate is null || credentials is null) && options.Listeners.Any(static listener => listener.Kind != ListenerKind.Mx))
        {
            throw new ArgumentException("Submission needs a certificate and credentials", nameof(options));
        }

        (_options, _time, _logs) = (options, time, logs);
        _logger = logs.CreateLogger<SmtpServer>();
        _heartbeat = new Heartbeat(time);
        _users = credentials is null ? null : new SaslUsers(credentials, options.Sasl);
        _listening = [.. options.Listeners.Select(listener => new ListeningSocket(listener, new ServerContext
        {
            Options = options,
            Listener = listener.Kind,
            Replies = new SessionReplies(options, listener.Kind),
            Policy = policy,
            Certificate = certificate,
            Users = listener.Kind == ListenerKind.Mx ? null : _users,
            Heartbeat = _heartbeat,
            Logger = _logger,
            ForcedStop = _forcedStop.Token,
        }, time))];
    }

    /// <summary>The first address listened on, with the port that the system chose where 0 was asked for.</summary>
    public IPEndPoint EndPoint => Listeners[0].EndPoint;

    /// <summary>All addresses listened on, as <see cref="EndPoint"/>, in the order of the options.</summary>
    public IReadOnlyList<SmtpListener> Listeners => [.. _listening.Select(static listening => listening.Listener)];

    /// <summary>Whether every listener accepts connections; false before the start, and once one of them has failed or was told to stop.</summary>
    public bool IsAccepting => _listening.All(static listening => listening.IsAccepting);

    /// <summary>Connections open now.</summary>
    public int ConnectionCount => Volatile.Read(ref _count);

    /// <exception cref="ListenException">An address cannot be listened on; then none is.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        SmtpMetrics.Publish();
        try
        {
            foreach (var listening in _listening)
            {
                listening.Bind(_logs);
            }
        }
        catch (ListenException)
        {
            await DisposeListenersAsync();
            throw;
        }

        foreach (var listening in _listening)
        {
            listening.Accept(AcceptAsync);
            LogListening(_logger, listening.Listener.EndPoint, listening.Listener.Kind);
        }
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
            return _stopping ??= StopAllAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _forcedStop.CancelAsync();
        await StopAsync(CancellationToken.None);
        _heartbeat.Dispose();
        _users?.Dispose();
        _forcedStop.Dispose();
    }

    private async Task StopAllAsync(CancellationToken cancellationToken)
    {
        foreach (var listening in _listening)
        {
            await listening.StopAcceptingAsync();
        }

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

        await DisposeListenersAsync();
    }

    private async ValueTask DisposeListenersAsync()
    {
        foreach (var listening in _listening)
        {
            await listening.DisposeAsync();
        }
    }

    private async Task AcceptAsync(ListeningSocket listening)
    {
        try
        {
            for (var count = 1; await listening.AcceptAsync() is { } accepted; count++)
            {
                Begin(accepted, listening.Context);
                if (count % AcceptsInARow == 0)
                {
                    await Task.Yield();
                }
            }
        }
        catch (Exception failure)
        {
            // Sessions under way go on; only the operator can bring back the listener.
            LogListenerFailed(_logger, listening.Listener.EndPoint, failure);
        }
    }

    private void Begin(ConnectionContext accepted, ServerContext context)
    {
        var connection = new SmtpConnection(context, accepted);
        var isWelcome = Interlocked.Increment(ref _count) <= _options.MaxConnections;
        _connections.TryAdd(connection, 0);

        // Up to where it waits, on the accept loop: a thread that is woken for it costs more than greeting.
        _ = ServeAsync(connection, isWelcome);
    }

    private async Task ServeAsync(SmtpConnection connection, bool isWelcome)
    {
        await connection.RunAsync(isWelcome);
        if (_connections.TryRemove(connection, out _))
        {
            Interlocked.Decrement(ref _count);
        }
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

    [LoggerMessage(Level = LogLevel.Information, Message = "Listening for SMTP on {EndPoint} ({Listener})")]
    private static partial void LogListening(ILogger logger, IPEndPoint endPoint, ListenerKind listener);

    [LoggerMessage(Level = LogLevel.Critical, Message = "No more SMTP connections are accepted on {EndPoint}: the listener failed")]
    private static partial void LogListenerFailed(ILogger logger, IPEndPoint endPoint, Exception failure);
}
