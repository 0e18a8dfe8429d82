using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Smtpy.Server.SelfTest;

/// <summary>The far end of a self-test: a mail server for one message, on a free port of the loopback interface.</summary>
internal sealed class SelfTestMailbox : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public SelfTestMailbox() => _listener.Start();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The first message that comes, as it came, dots removed.</summary>
    /// <exception cref="IOException">The client went away in the middle of it.</exception>
    public async Task<string> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            using var client = await _listener.AcceptTcpClientAsync(cancellationToken);
            await using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1);
            if (await ServeAsync(reader, stream, cancellationToken) is { } message)
            {
                return message;
            }
        }
    }

    public void Dispose() => _listener.Dispose();

    private static async Task<string?> ServeAsync(StreamReader reader, NetworkStream stream, CancellationToken cancellationToken)
    {
        await SayAsync(stream, "220 localhost ESMTP self-test", cancellationToken);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            var verb = line.Split(' ', 2)[0].ToUpperInvariant();
            switch (verb)
            {
                case "DATA":
                    await SayAsync(stream, "354 go on", cancellationToken);
                    var message = await ReadMessageAsync(reader, cancellationToken);
                    await SayAsync(stream, "250 2.0.0 received", cancellationToken);
                    return message;
                case "QUIT":
                    await SayAsync(stream, "221 2.0.0 bye", cancellationToken);
                    return null;
                case "EHLO":
                    // 8BITMIME and SMTPUTF8 only: without PIPELINING the dialog stays line by line.
                    await SayAsync(stream, "250-localhost\r\n250-8BITMIME\r\n250 SMTPUTF8", cancellationToken);
                    break;
                default:
                    await SayAsync(stream, verb is "HELO" or "MAIL" or "RCPT" or "RSET" or "NOOP" ? "250 2.0.0 ok" : "502 5.5.1 not here", cancellationToken);
                    break;
            }
        }

        return null;
    }

    private static async Task<string> ReadMessageAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var message = new StringBuilder();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line == ".")
            {
                return message.ToString();
            }

            message.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        }

        throw new IOException("the delivery broke off in the middle of the message");
    }

    private static async Task SayAsync(NetworkStream stream, string text, CancellationToken cancellationToken) =>
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text + "\r\n"), cancellationToken);
}
