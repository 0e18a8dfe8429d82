using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Smtpy.Tests.Support.Smtp;

/// <summary>A raw SMTP connection: sends exactly the octets it is told to, and reads whole replies.</summary>
public sealed class SmtpConversation : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[8192];
    private int _start;
    private int _end;

    private SmtpConversation()
    {
    }

    /// <summary>The reply that came last, all its lines, without the last CRLF.</summary>
    public string LastReply { get; private set; } = "";

    /// <summary>A connection whose greeting was not read yet.</summary>
    public static Task<SmtpConversation> ConnectAsync(int port, CancellationToken cancellationToken = default) =>
        ConnectAsync(null, port, cancellationToken);

    /// <summary>A connection that has said EHLO.</summary>
    public static Task<SmtpConversation> OpenAsync(int port, CancellationToken cancellationToken = default) =>
        OpenFromAsync(null, port, cancellationToken);

    /// <summary>The same, as another host.</summary>
    /// <param name="address">The loopback address to come from; the system's choice when null.</param>
    public static async Task<SmtpConversation> OpenFromAsync(string? address, int port, CancellationToken cancellationToken = default)
    {
        var conversation = await ConnectAsync(address, port, cancellationToken);
        try
        {
            await conversation.ReadReplyAsync(cancellationToken);
            await conversation.CommandAsync("EHLO client.test", cancellationToken);
            return conversation;
        }
        catch
        {
            conversation.Dispose();
            throw;
        }
    }

    /// <summary>Behind a proxy that says who the client is (PROXY v1), and with EHLO said.</summary>
    /// <param name="proxy">The loopback address that the proxy has.</param>
    /// <param name="client">The address that it names; IPv4.</param>
    public static async Task<SmtpConversation> OpenBehindProxyAsync(string proxy, string client, int port, CancellationToken cancellationToken = default)
    {
        var conversation = await ConnectAsync(proxy, port, cancellationToken);
        try
        {
            await conversation.SendAsync($"PROXY TCP4 {client} 127.0.0.1 40000 25\r\n", cancellationToken);
            await conversation.ReadReplyAsync(cancellationToken);
            await conversation.CommandAsync("EHLO client.test", cancellationToken);
            return conversation;
        }
        catch
        {
            conversation.Dispose();
            throw;
        }
    }

    public Task SendAsync(string text, CancellationToken cancellationToken = default) =>
        SendAsync(Encoding.UTF8.GetBytes(text), cancellationToken);

    public async Task SendAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken = default)
    {
        while (octets.Length > 0)
        {
            octets = octets[await _socket.SendAsync(octets, SocketFlags.None, cancellationToken)..];
        }
    }

    /// <summary>Sends one command line and gives its reply.</summary>
    public async Task<string> CommandAsync(string line, CancellationToken cancellationToken = default)
    {
        await SendAsync(line + "\r\n", cancellationToken);
        return await ReadReplyAsync(cancellationToken);
    }

    /// <summary>A whole transaction; the reply after the final dot, or the first refusal, or nothing when the peer hangs up.</summary>
    /// <param name="content">CRLF line ends, ending in CRLF; dots are stuffed here.</param>
    public async Task<string> TransactAsync(
        string from, string to, ReadOnlyMemory<byte> content, string mailParameters = "", CancellationToken cancellationToken = default)
    {
        foreach (var command in new[] { $"MAIL FROM:<{from}>{mailParameters}", $"RCPT TO:<{to}>", "DATA" })
        {
            var reply = await CommandAsync(command, cancellationToken);
            if (reply.Length == 0 || reply[0] is '4' or '5')
            {
                return reply;
            }
        }

        await SendAsync(DotStuffing.Stuff(content.Span), cancellationToken);
        return await CommandAsync(".", cancellationToken);
    }

    /// <summary>The next reply, all its lines joined by LF; empty when the peer has closed the connection.</summary>
    public async Task<string> ReadReplyAsync(CancellationToken cancellationToken = default)
    {
        var reply = new StringBuilder();
        while (await ReadLineAsync(cancellationToken) is { } line)
        {
            reply.Append(reply.Length > 0 ? "\n" : "").Append(line);
            if (line.Length < 4 || line[3] != '-')
            {
                break;
            }
        }

        return LastReply = reply.ToString();
    }

    /// <summary>Says that nothing more will be sent, and keeps listening.</summary>
    public void HalfClose() => _socket.Shutdown(SocketShutdown.Send);

    public void Dispose() => _socket.Dispose();

    private static async Task<SmtpConversation> ConnectAsync(string? from, int port, CancellationToken cancellationToken)
    {
        var conversation = new SmtpConversation();
        try
        {
            if (from is not null)
            {
                conversation._socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
            }

            await conversation._socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
            return conversation;
        }
        catch
        {
            conversation.Dispose();
            throw;
        }
    }

    private async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length >= 0)
            {
                var line = Encoding.UTF8.GetString(_buffer, _start, length).TrimEnd('\r');
                _start += length + 1;
                return line;
            }

            if (!await FillAsync(cancellationToken))
            {
                return null;
            }
        }
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        try
        {
            var count = await _socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, cancellationToken);
            _end += count;
            return count > 0;
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
        {
            return false;
        }
    }
}
