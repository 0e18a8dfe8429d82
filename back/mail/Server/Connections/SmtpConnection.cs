using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Smtpy.Mail.Server.Proxy;
using Smtpy.Mail.Server.Session;

namespace Smtpy.Mail.Server.Connections;

/// <summary>One connection from accept to close.</summary>
internal sealed partial class SmtpConnection : ITimed, IAsyncDisposable
{
    private static readonly TimeSpan FinalWriteTimeout = TimeSpan.FromSeconds(10);

    private readonly ServerContext _server;
    private readonly ConnectionContext _connection;
    private readonly SessionTransport _transport;
    private readonly SessionInterrupts _interrupts;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SmtpConnection(ServerContext server, ConnectionContext connection)
    {
        _server = server;
        _connection = connection;
        _transport = new SessionTransport(connection, server.Heartbeat, FinalWriteTimeout);
        _interrupts = new SessionInterrupts(server);
    }

    /// <summary>Completes when the socket is closed; never fails.</summary>
    public Task Closed => _closed.Task;

    public void OnHeartbeat(long now)
    {
        switch (_transport.Deadline.Take(now))
        {
            case Expiry.Interrupt:
                _interrupts.TimedOut();
                _transport.Deadline.Set(FinalWriteTimeout, Expiry.Abort);
                _transport.Interrupt();
                break;
            case Expiry.Abort:
                _transport.Abort("Timed out");
                break;
        }
    }

    /// <summary>The server stops: wakes an idle session.</summary>
    public void Stop() => _transport.Interrupt();

    public void Abort() => _transport.Abort("The server has stopped");

    /// <param name="isWelcome">False where there are too many connections: says so and closes.</param>
    public async Task RunAsync(bool isWelcome)
    {
        _server.Heartbeat.Add(this);
        SmtpMetrics.ConnectionOpened();
        var end = ConnectionEnd.ClientClosed;
        try
        {
            end = isWelcome ? await ServeAsync() : Refuse(_server.Replies.Busy, ConnectionRefusal.TooMany);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The client reset the connection, or a deadline cut it.
            end = _interrupts.Check(inTransaction: true) is var cut and not ConnectionEnd.None ? cut : ConnectionEnd.ClientClosed;
        }
        catch (Exception fault)
        {
            end = ConnectionEnd.Fault;
            LogFault(_server.Logger, _connection.ConnectionId, fault);
        }

        await SayLastAsync(end);
        await DisposeAsync();
        SmtpMetrics.ConnectionEnded(end);
        _closed.SetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _transport.DisposeAsync();
        _server.Heartbeat.Remove(this);
    }

    private async Task<ConnectionEnd> ServeAsync()
    {
        var remote = ((IPEndPoint)_connection.RemoteEndPoint!).Unmapped();
        var local = ((IPEndPoint)_connection.LocalEndPoint!).Unmapped();
        if (IsProxy(remote.Address))
        {
            var header = await ReadProxyHeaderAsync();
            if (header is null)
            {
                SmtpMetrics.ConnectionRefused(ConnectionRefusal.ProxyHeader);
                return ConnectionEnd.ProxyHeader;
            }

            remote = header.Value.Source ?? remote;
            local = header.Value.Destination ?? local;
        }

        var peer = new SmtpPeer
        {
            ConnectionId = _connection.ConnectionId,
            RemoteEndPoint = remote,
            LocalEndPoint = local,
            Listener = _server.Listener,
        };
        var policy = new PolicyGuard(_server, peer.ConnectionId);
        var refusal = await policy.WelcomeAsync(peer);
        if (refusal is not null)
        {
            return Refuse(refusal, ConnectionRefusal.Policy);
        }

        try
        {
            return await ConverseAsync(peer, policy);
        }
        finally
        {
            _server.Policy.OnDisconnect(peer);
        }
    }

    private bool IsProxy(IPAddress address)
    {
        foreach (var network in _server.Options.ProxyNetworks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<ConnectionEnd> ConverseAsync(SmtpPeer peer, PolicyGuard policy)
    {
        if (_server.Listener == ListenerKind.SubmissionTls)
        {
            peer.Tls = await TlsHandshake.TryAsync(_server, _transport);
            if (peer.Tls is null)
            {
                return ConnectionEnd.TlsFailed;
            }
        }

        SmtpMetrics.ConnectionGreeted();
        _transport.Write(_server.Replies.Greeting);
        var session = new SmtpSession(_server.Options, _server.Replies, peer, _server.Certificate is not null);
        await using var messages = new MessageReceiver(_server, _transport, _interrupts, policy);
        var signIn = _server.Users is null ? null : new SignIn(_server, _transport, session, peer, _interrupts, policy);
        var conversation = new Conversation(_server, _transport, session, _interrupts, policy, messages, signIn);
        return await conversation.RunAsync();
    }

    private async ValueTask<ProxyHeader?> ReadProxyHeaderAsync()
    {
        _transport.Deadline.Set(_server.Options.ProxyHeaderTimeout, Expiry.Abort);
        while (true)
        {
            switch (ProxyHeader.Read(ref _transport.Unread, out var header))
            {
                case ProxyStatus.Found:
                    _transport.Deadline.Clear();
                    return header;
                case ProxyStatus.Invalid:
                    return null;
            }

            if (await _transport.ReadAsync() == ReadOutcome.Ended || _interrupts.Check(inTransaction: false) != ConnectionEnd.None)
            {
                return null;
            }
        }
    }

    private ConnectionEnd Refuse(SmtpReply reply, ConnectionRefusal reason)
    {
        SmtpMetrics.ConnectionRefused(reason);

        // Who waits for a TLS handshake could not read it; and the handshake is work that is not done for those refused.
        if (_server.Listener != ListenerKind.SubmissionTls)
        {
            _transport.Write(reply);
        }

        return ConnectionEnd.Refused;
    }

    private async ValueTask SayLastAsync(ConnectionEnd end)
    {
        try
        {
            var last = end switch
            {
                ConnectionEnd.Timeout => _server.Replies.Timeout,
                ConnectionEnd.Stopping => _server.Replies.Stopping,
                _ => null,
            };
            if (last is not null)
            {
                _transport.Write(last);
            }

            await _transport.FlushAsync();
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or InvalidOperationException)
        {
            // Nobody is there to read it.
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "SMTP connection {Connection} ended by a defect")]
    private static partial void LogFault(ILogger logger, string connection, Exception fault);
}
