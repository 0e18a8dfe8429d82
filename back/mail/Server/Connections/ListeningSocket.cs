using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace Smtpy.Mail.Server.Connections;

/// <summary>
/// One listener of a server, from bind to its end. The socket is ours and the connections are Kestrel's: Kestrel's own listener tries again at once,
/// and for ever, when no connection can be accepted for want of file descriptors.
/// </summary>
internal sealed partial class ListeningSocket(SmtpListener listener, ServerContext context, TimeProvider time) : IAsyncDisposable
{
    // Bounds what one client makes us hold before it is read; a message of this size passes without waiting.
    private const int ReadBuffer = 128 * 1024;

    private const int Backlog = 1024;

    // Without file descriptors a further try comes after the first of these, then twice as late each time up to the second.
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>Between two lines in the log that say the same: a shortage may come and go many times a second.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DescriptorMargin _margin = new();
    private SocketConnectionContextFactory? _connections;
    private Socket? _socket;
    private IPEndPoint? _endPoint;
    private Task _accepting = Task.CompletedTask;
    private long? _saidAt;

    public ServerContext Context => context;

    /// <summary>With the port that the system chose where 0 was asked for.</summary>
    public SmtpListener Listener =>
        listener with { EndPoint = _endPoint ?? throw new InvalidOperationException("The SMTP server has not been started") };

    /// <exception cref="ListenException">The address cannot be listened on.</exception>
    public void Bind(ILoggerFactory logs)
    {
        var options = new SocketConnectionFactoryOptions
        {
            MaxReadBufferSize = ReadBuffer,

            // An idle connection holds no buffer.
            WaitForDataBeforeAllocatingBuffer = true,

            // Sessions never block a thread, so they may run where the socket's completion does.
            UnsafePreferInlineScheduling = true,
        };
        try
        {
            _socket = SocketTransportOptions.CreateDefaultBoundListenSocket(listener.EndPoint);
            _endPoint = (IPEndPoint)_socket.LocalEndPoint!;
            _socket.Listen(Backlog);
            _connections = new SocketConnectionContextFactory(options, logs.CreateLogger<SocketConnectionContextFactory>());
        }
        catch (Exception failure) when (failure is IOException or SocketException or InvalidOperationException)
        {
            throw new ListenException(listener, failure);
        }
    }

    /// <summary>Whether connections are still accepted: false once accepting has failed for good.</summary>
    public bool IsAccepting => !_accepting.IsCompleted;

    public void Accept(Func<ListeningSocket, Task> accept) => _accepting = accept(this);

    /// <returns>The next connection; null when no more are accepted.</returns>
    public async ValueTask<ConnectionContext?> AcceptAsync()
    {
        var pause = FirstPause;
        while (true)
        {
            try
            {
                // A socket that was closed to stop says so itself.
                if (_margin.HasRoom() || context.IsStopping)
                {
                    var accepted = await _socket!.AcceptAsync(CancellationToken.None);
                    _margin.Took(accepted);
                    accepted.NoDelay = true;
                    return _connections!.Create(accepted);
                }

                pause = await PauseAsync(SocketError.TooManyOpenSockets, pause);
            }
            catch (Exception end) when (context.IsStopping && end is ObjectDisposedException or SocketException)
            {
                return null;
            }
            catch (SocketException shortage) when (DescriptorMargin.IsShortage(shortage.SocketErrorCode))
            {
                _margin.Failed();
                pause = await PauseAsync(shortage.SocketErrorCode, pause);
            }
            catch (SocketException)
            {
                // The client was gone again before it was accepted.
            }
        }
    }

    public async Task StopAcceptingAsync()
    {
        context.BeginStop();
        _stopped.TrySetResult();
        _socket?.Dispose();
        await _accepting;
    }

    public ValueTask DisposeAsync()
    {
        _socket?.Dispose();
        _connections?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <returns>How long to wait the next time.</returns>
    private async ValueTask<TimeSpan> PauseAsync(SocketError shortage, TimeSpan pause)
    {
        Say(shortage);
        await Task.WhenAny(Task.Delay(pause, time), _stopped.Task);
        return pause * 2 < LongestPause ? pause * 2 : LongestPause;
    }

    private void Say(SocketError shortage)
    {
        if (_saidAt is { } at && time.GetElapsedTime(at) < Silence)
        {
            return;
        }

        _saidAt = time.GetTimestamp();
        LogShortage(context.Logger, listener.EndPoint, shortage);
    }

    [LoggerMessage(Level = LogLevel.Error,
        Message = "No further SMTP connection can be accepted on {EndPoint} ({Reason}): the limit of open files is near; those that knock wait")]
    private static partial void LogShortage(ILogger logger, IPEndPoint endPoint, SocketError reason);
}
