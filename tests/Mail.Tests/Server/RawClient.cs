using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Smtpy.Tests.Support;
using Xunit;

namespace Smtpy.Mail.Tests.Server;

/// <summary>An SMTP client that sends exactly the octets it is told to.</summary>
internal sealed class RawClient : IAsyncDisposable
{
    // Not a timing assertion: only so that a test that waits for ever fails instead.
    private static readonly TimeSpan Patience = Until.Patience;

    private readonly Socket _socket;
    private readonly byte[] _received = new byte[16 * 1024];
    private Stream _stream;
    private int _start;
    private int _end;

    private RawClient(Socket socket) => (_socket, _stream) = (socket, new NetworkStream(socket, ownsSocket: false));

    public SslStream? Tls { get; private set; }

    public IPEndPoint LocalEndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    public static async Task<RawClient> ConnectAsync(IPEndPoint server)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server);
        return new RawClient(socket);
    }

    public Task SendAsync(string latin1) => SendAsync(Encoding.Latin1.GetBytes(latin1));

    public async Task SendAsync(ReadOnlyMemory<byte> octets) => await _stream.WriteAsync(octets).AsTask().WaitAsync(Patience);

    public void CloseSending() => _socket.Shutdown(SocketShutdown.Send);

    public void Reset()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Close();
    }

    /// <summary>The next line without its line end, or null when the server has closed.</summary>
    public async Task<string?> ReadLineAsync()
    {
        while (true)
        {
            var lineFeed = _received.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (lineFeed >= 0)
            {
                var line = Encoding.Latin1.GetString(_received, _start, lineFeed);
                _start += lineFeed + 1;
                Assert.EndsWith("\r", line, StringComparison.Ordinal);
                return line[..^1];
            }

            _received.AsSpan(_start, _end - _start).CopyTo(_received);
            (_start, _end) = (0, _end - _start);
            var count = await ReadSomeAsync(_received.AsMemory(_end));
            if (count == 0)
            {
                Assert.Equal(0, _end);
                return null;
            }

            _end += count;
        }
    }

    /// <summary>A whole reply, its lines joined with '\n'.</summary>
    public async Task<string> ReadReplyAsync()
    {
        var reply = new List<string>();
        do
        {
            reply.Add(await ReadLineAsync() ?? throw new EndOfStreamException($"Closed after: {string.Join('\n', reply)}"));
        }
        while (reply[^1].Length > 3 && reply[^1][3] == '-');

        return string.Join('\n', reply);
    }

    /// <summary>Sends a line and reads the reply.</summary>
    public async Task<string> AskAsync(string line)
    {
        await SendAsync(line + "\r\n");
        return await ReadReplyAsync();
    }

    /// <summary>Reads the greeting, says EHLO and reads the answer.</summary>
    public async Task<string> GreetAsync()
    {
        Assert.StartsWith("220 ", await ReadReplyAsync(), StringComparison.Ordinal);
        return await AskAsync("EHLO client.example");
    }

    public async Task StartTlsAsync(
        SslClientAuthenticationOptions? options = null, RemoteCertificateValidationCallback? validation = null)
    {
        Tls = new SslStream(_stream);
        options ??= new SslClientAuthenticationOptions();
        options.TargetHost ??= "mx.test";

        // The test certificates are self-signed, but their name must fit.
        options.RemoteCertificateValidationCallback = validation ?? ((_, _, _, errors) =>
            (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None);
        await Tls.AuthenticateAsClientAsync(options).WaitAsync(Patience);
        _stream = Tls;
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _socket.Dispose();
    }

    private async Task<int> ReadSomeAsync(Memory<byte> room)
    {
        try
        {
            return await _stream.ReadAsync(room).AsTask().WaitAsync(Patience);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
