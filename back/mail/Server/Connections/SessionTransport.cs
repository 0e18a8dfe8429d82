using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Smtpy.Mail.Tls;

namespace Smtpy.Mail.Server.Connections;

internal enum ReadOutcome
{
    /// <summary>There is more in <see cref="SessionTransport.Unread"/> than before.</summary>
    Data,

    /// <summary>The client has closed its side; nothing more comes.</summary>
    Ended,

    /// <summary>The read was woken: a deadline has passed or the server stops.</summary>
    Interrupted,
}

/// <summary>The octets of one connection: what came and is not used yet, and what is to be sent; in clear text or TLS.</summary>
internal sealed class SessionTransport : IAsyncDisposable
{
    // Replies to a long pipelined transaction, 100 recipients, take half of it.
    private const int MaxUnsent = 8 * 1024;

    private readonly ConnectionContext _connection;
    private readonly TimeSpan _writeTimeout;
    private PipeReader _input;
    private PipeWriter _output;
    private SslStream? _tls;
    private bool _reading;
    private int _unsent;

    public SessionTransport(ConnectionContext connection, Heartbeat heartbeat, TimeSpan writeTimeout)
    {
        _connection = connection;
        _writeTimeout = writeTimeout;
        _input = connection.Transport.Input;
        _output = connection.Transport.Output;
        Deadline = new SessionDeadline(heartbeat);
    }

    /// <summary>Received and not yet used. A field: framers cut off what they take.</summary>
    public ReadOnlySequence<byte> Unread;

    public SessionDeadline Deadline { get; }

    /// <summary>Wakes the session's read, this one or the next. May be called from any thread.</summary>
    public void Interrupt() => Volatile.Read(ref _input).CancelPendingRead();

    /// <summary>
    /// A client may send commands for ever without reading; so what waits to be sent is bounded, also in mid-pipeline.
    /// </summary>
    public bool MustFlush => _unsent > MaxUnsent;

    /// <summary>Adds a reply to those that go out together.</summary>
    public void Write(SmtpReply reply)
    {
        _output.Write(reply.Wire.Span);
        _unsent += reply.Wire.Length;
    }

    /// <summary>
    /// Waits for more input. Replies are sent only now, when nothing more can be answered (RFC 2920 section 3.2).
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ReadOutcome> ReadAsync()
    {
        var had = Unread.Length;
        Release();
        if (!_input.TryRead(out var result))
        {
            if (!await FlushAsync())
            {
                return ReadOutcome.Ended;
            }

            result = await _input.ReadAsync();
        }

        _reading = true;
        Unread = result.Buffer;
        return result.IsCanceled ? ReadOutcome.Interrupted
            : Unread.Length > had ? ReadOutcome.Data
            : result.IsCompleted ? ReadOutcome.Ended
            : ReadOutcome.Data;
    }

    /// <summary>Sends what was written. False when the client is gone.</summary>
    public ValueTask<bool> FlushAsync()
    {
        if (_unsent == 0)
        {
            return ValueTask.FromResult(true);
        }

        _unsent = 0;
        var flush = _output.FlushAsync();
        return flush.IsCompletedSuccessfully ? ValueTask.FromResult(!flush.GetAwaiter().GetResult().IsCompleted) : WaitAsync(flush);
    }

    /// <summary>Forgets all that has been received so far.</summary>
    public void Discard()
    {
        do
        {
            Unread = Unread.Slice(Unread.End);
            Release();
        }
        while (TryReadMore());
    }

    /// <summary>
    /// Goes over to TLS. What was received in clear text must be discarded before the client is told to begin, so that it
    /// cannot become a command (RFC 3207 section 4.2).
    /// </summary>
    /// <exception cref="AuthenticationException">The handshake failed.</exception>
    /// <exception cref="IOException">The client has gone.</exception>
    public async Task<string> StartTlsAsync(TlsCertificate certificate, CancellationToken cancellationToken)
    {
        Release();
        _tls = new SslStream(new DuplexPipeStream(_input, _output), leaveInnerStreamOpen: true);
        await _tls.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = certificate.Current,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,

                // Session tickets make deliveries from Microsoft's senders fail (Go issue 70232).
                AllowTlsResume = false,
            },
            cancellationToken);
        _output = PipeWriter.Create(_tls, new StreamPipeWriterOptions(leaveOpen: true));

        // Reads of no octets first: an idle connection holds no buffer.
        Volatile.Write(ref _input, PipeReader.Create(_tls, new StreamPipeReaderOptions(leaveOpen: true, useZeroByteReads: true)));
        return $"{Version(_tls.SslProtocol)} {_tls.NegotiatedCipherSuite}";
    }

    public void Abort(string reason) => _connection.Abort(new ConnectionAbortedException(reason));

    /// <summary>Sends what is left, says good-bye in TLS, and lets go of the socket.</summary>
    public async ValueTask DisposeAsync()
    {
        Deadline.Set(_writeTimeout, Expiry.Abort);
        Release();
        if (_tls is not null)
        {
            await CloseTlsAsync(_tls);
        }

        await _connection.DisposeAsync();
        Deadline.Clear();
    }

    private async ValueTask CloseTlsAsync(SslStream tls)
    {
        try
        {
            if (tls.IsAuthenticated)
            {
                await tls.ShutdownAsync();
            }
        }
        catch (Exception gone) when (gone is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The client was faster.
        }

        await _input.CompleteAsync();
        await tls.DisposeAsync();
    }

    private async ValueTask<bool> WaitAsync(ValueTask<FlushResult> flush)
    {
        Deadline.Set(_writeTimeout, Expiry.Abort);
        var result = await flush;
        Deadline.Clear();
        return !result.IsCompleted;
    }

    private bool TryReadMore()
    {
        _reading = _input.TryRead(out var result);
        Unread = result.Buffer;
        return _reading && !Unread.IsEmpty;
    }

    private void Release()
    {
        if (_reading)
        {
            _reading = false;
            _input.AdvanceTo(Unread.Start, Unread.End);
        }

        Unread = default;
    }

    private static string Version(SslProtocols protocol) => protocol == SslProtocols.Tls13 ? "TLSv1.3" : "TLSv1.2";
}
