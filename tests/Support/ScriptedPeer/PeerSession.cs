using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Smtpy.Tests.Support.ScriptedPeer;

/// <summary>One connection as the server sees it. Text is Latin-1, so that every octet is one character.</summary>
public sealed class PeerSession : IAsyncDisposable
{
    private readonly TcpClient _client;
    private readonly CancellationToken _stop;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private Stream _stream;
    private int _start;
    private int _end;

    internal PeerSession(TcpClient client, CancellationToken stop)
    {
        (_client, _stop) = (client, stop);
        _client.NoDelay = true;
        _stream = client.GetStream();
    }

    /// <summary>Cancelled when the server stops.</summary>
    public CancellationToken Gone => _stop;

    /// <summary>Number of reads that brought octets: what the client sent in one piece normally arrives in one.</summary>
    public int Reads { get; private set; }

    /// <summary>Sends lines, CRLF added to each.</summary>
    public Task SayAsync(params string[] lines) => SendRawAsync(string.Concat(lines.Select(line => line + "\r\n")));

    public async Task SendRawAsync(string octets) => await _stream.WriteAsync(Encoding.Latin1.GetBytes(octets), _stop);

    /// <summary>Reads one line, which must be this one.</summary>
    public async Task ExpectAsync(string line)
    {
        var got = await ReadLineAsync();
        if (got != line)
        {
            throw new InvalidOperationException($"expected \"{line}\", got \"{got}\"");
        }
    }

    /// <summary>Reads lines and answers each: "what is expected", "what is said".</summary>
    public async Task AnswerAsync(params (string Expected, string Reply)[] exchange)
    {
        foreach (var (expected, reply) in exchange)
        {
            await ExpectAsync(expected);
            await SayAsync(reply);
        }
    }

    /// <summary>Greets and answers EHLO with these extensions.</summary>
    public async Task GreetAsync(params string[] extensions)
    {
        await SayAsync("220 peer.example ESMTP");
        await AnswerEhloAsync(extensions);
    }

    public async Task AnswerEhloAsync(params string[] extensions)
    {
        await ExpectAsync("EHLO client.example");
        string[] lines = ["peer.example", .. extensions];
        await SayAsync([.. lines.Select((line, i) => (i == lines.Length - 1 ? "250 " : "250-") + line)]);
    }

    /// <returns>The line without its CRLF; null when the client has closed.</returns>
    public async Task<string?> ReadLineAsync()
    {
        var line = new StringBuilder();
        while (await ReadOctetAsync() is var octet and >= 0)
        {
            line.Append((char)octet);
            if (octet == '\n')
            {
                return line.ToString().TrimEnd('\n').TrimEnd('\r');
            }
        }

        return line.Length == 0 ? null : line.ToString();
    }

    /// <summary>Reads a message as it is on the wire, to CRLF.CRLF, which is included.</summary>
    public async Task<string> ReadDataAsync()
    {
        var data = new StringBuilder("\r\n");
        while (!EndsWithDot(data))
        {
            var octet = await ReadOctetAsync();
            if (octet < 0)
            {
                throw new EndOfStreamException("the client closed inside a message");
            }

            data.Append((char)octet);
        }

        return data.ToString(2, data.Length - 2);
    }

    /// <summary>Waits for the client to close; fails when it sends something instead.</summary>
    public async Task ExpectCloseAsync()
    {
        if (await ReadLineAsync() is { } line)
        {
            throw new InvalidOperationException($"expected the client to close, got \"{line}\"");
        }
    }

    /// <summary>The server's side of a TLS handshake.</summary>
    public async Task EncryptAsync(SslServerAuthenticationOptions options)
    {
        var tls = new SslStream(_stream);
        await tls.AuthenticateAsServerAsync(options, _stop);
        _stream = tls;
    }

    /// <summary>Closes with RST.</summary>
    public void Reset()
    {
        _client.LingerState = new LingerOption(true, 0);
        _client.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _client.Dispose();
    }

    private static bool EndsWithDot(StringBuilder data) =>
        data.Length >= 5 && data[^1] == '\n' && data[^2] == '\r' && data[^3] == '.' && data[^4] == '\n' && data[^5] == '\r';

    private async ValueTask<int> ReadOctetAsync()
    {
        if (_start == _end)
        {
            try
            {
                (_start, _end) = (0, await _stream.ReadAsync(_buffer, _stop));
            }
            catch (IOException)
            {
                return -1;
            }

            Reads++;
            if (_end == 0)
            {
                return -1;
            }
        }

        return _buffer[_start++];
    }
}
