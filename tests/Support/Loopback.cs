using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Smtpy.Tests.Support;

/// <summary>Private ports on 127.0.0.1.</summary>
public static class Loopback
{
    /// <summary>Below the ports that kernels hand out to connections (32768 and up): nobody takes one of these by chance.</summary>
    private const int First = 10_000, Last = 32_000;

    private static readonly string Reservations = Path.Combine(Path.GetTempPath(), "smtpy-test-ports");

    /// <summary>Kept open until this process ends, and with it locked against other test programs.</summary>
    private static readonly ConcurrentBag<FileStream> Reserved = [];

    /// <summary>A TCP port that is free on every address of this machine, and that no other test gets.</summary>
    public static int FreePort()
    {
        Directory.CreateDirectory(Reservations);
        while (true)
        {
            var port = Random.Shared.Next(First, Last);
            if (TryReserve(port) && IsFree(port))
            {
                return port;
            }
        }
    }

    private static bool TryReserve(int port)
    {
        try
        {
            Reserved.Add(new FileStream(
                Path.Combine(Reservations, port.ToString(CultureInfo.InvariantCulture)), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Whether something accepts connections on the port.</summary>
    public static async Task<bool> AnswersAsync(int port, CancellationToken cancellationToken, string address = "127.0.0.1")
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(address), port), cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
