using System.Net;
using System.Net.Sockets;

namespace Smtpy.Server.Commands;

/// <summary>
/// <c>smtpy health --smtp IP:PORT</c> and <c>--url http://IP:PORT/PATH</c> in a tenth of a second of processor time less than
/// <see cref="HealthCommand"/> takes: what a container's health check calls. Everything else is left to that.
/// </summary>
internal static class HealthProbe
{
    /// <summary>Of each wait for the other side.</summary>
    private const int PatienceMilliseconds = 4000;

    /// <returns>The exit code, or null where this is not such a call.</returns>
    public static int? TryRun(string[] args)
    {
        if (args is ["health", "--smtp", var endPoint] && IPEndPoint.TryParse(endPoint, out var smtp) && smtp.Port > 0)
        {
            return Ask(smtp, [], "220", "QUIT\r\n"u8);
        }

        const string scheme = "http://";
        if (args is not ["health", "--url", var url] || !url.StartsWith(scheme, StringComparison.Ordinal))
        {
            return null;
        }

        var slash = url.IndexOf('/', scheme.Length);
        if (slash < 0 || !IPEndPoint.TryParse(url.AsSpan(scheme.Length, slash - scheme.Length), out var web) || web.Port == 0)
        {
            return null;
        }

        var request = $"GET {url[slash..]} HTTP/1.1\r\nHost: {web}\r\nConnection: close\r\n\r\n";
        return Ask(web, System.Text.Encoding.ASCII.GetBytes(request), "HTTP/1.1 200", []);
    }

    private static int Ask(IPEndPoint server, ReadOnlySpan<byte> question, string expected, ReadOnlySpan<byte> farewell)
    {
        try
        {
            using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
            {
                ReceiveTimeout = PatienceMilliseconds,
                SendTimeout = PatienceMilliseconds,
            };
            socket.Connect(server);
            socket.Send(question);
            Span<byte> answer = stackalloc byte[512];
            var length = 0;
            for (int read; length < expected.Length && (read = socket.Receive(answer[length..])) > 0;)
            {
                length += read;
            }

            var line = System.Text.Encoding.ASCII.GetString(answer[..length]).Split('\r', 2)[0];
            Leave(socket, farewell);
            if (!line.StartsWith(expected, StringComparison.Ordinal))
            {
                Console.Error.WriteLine($"smtpy: not healthy: {server} answers \"{Output.Printable(line)}\"");
                return 1;
            }

            Console.Out.WriteLine($"healthy: {server} answers \"{Output.Printable(line)}\"");
            return 0;
        }
        catch (SocketException failure)
        {
            Console.Error.WriteLine($"smtpy: not healthy: {server}: {failure.Message}");
            return 1;
        }
    }

    /// <summary>Politeness only: the answer is there, and whether the other side still listens changes nothing.</summary>
    private static void Leave(Socket socket, ReadOnlySpan<byte> farewell)
    {
        try
        {
            socket.Send(farewell);
        }
        catch (SocketException)
        {
            // It has hung up.
        }
    }
}
