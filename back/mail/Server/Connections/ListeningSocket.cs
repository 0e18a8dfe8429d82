using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Smtpy.Mail.Server.Connections;

/// <summary>One listener of a server, from bind to its end.</summary>
internal sealed class ListeningSocket(SmtpListener listener, ServerContext context) : IAsyncDisposable
{
    // Bounds what one client makes us hold before it is read; a message of this size passes without waiting.
    private const int ReadBuffer = 128 * 1024;

    private IConnectionListener? _socket;
    private Task _accepting = Task.CompletedTask;

    public ServerContext Context => context;

    /// <summary>With the port that the system chose where 0 was asked for.</summary>
    public SmtpListener Listener =>
        listener with { EndPoint = (IPEndPoint)(_socket?.EndPoint ?? throw new InvalidOperationException("The SMTP server has not been started")) };

    /// <exception cref="ListenException">The address cannot be listened on.</exception>
    public async Task BindAsync(ILoggerFactory logs, CancellationToken cancellationToken)
    {
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
            _socket = await new SocketTransportFactory(Options.Create(transport), logs).BindAsync(listener.EndPoint, cancellationToken);
        }
        catch (Exception failure) when (failure is IOException or SocketException or InvalidOperationException)
        {
            throw new ListenException(listener, failure);
        }
    }

    /// <summary>Whether connections are still accepted: false once accepting has failed for good.</summary>
    public bool IsAccepting => _socket is not null && !_accepting.IsCompleted;

    public void Accept(Func<IConnectionListener, ListeningSocket, Task> accept) => _accepting = accept(_socket!, this);

    public async Task StopAcceptingAsync()
    {
        context.BeginStop();
        if (_socket is not null)
        {
            await _socket.UnbindAsync(CancellationToken.None);
            await _accepting;
        }
    }

    public ValueTask DisposeAsync() => _socket?.DisposeAsync() ?? ValueTask.CompletedTask;
}
