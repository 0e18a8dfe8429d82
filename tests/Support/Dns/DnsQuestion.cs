using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Smtpy.Tests.Support.Dns;

/// <summary>The one question that a test asks a name server itself: which version of the root zone it serves.</summary>
internal static class DnsQuestion
{
    /// <summary>Header with one question, the root name, type SOA, class IN (RFC 1035 section 4.1).</summary>
    private static readonly byte[] Query = [0x53, 0x4d, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1];

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    /// <returns>Null where nothing, or no such record, came.</returns>
    public static async Task<uint?> RootSerialAsync(int port, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        var answer = new byte[512];
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), deadline.Token);
            await socket.SendAsync(Query, deadline.Token);
            return Serial(answer.AsSpan(0, await socket.ReceiveAsync(answer, deadline.Token)));
        }
        catch (SocketException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static uint? Serial(ReadOnlySpan<byte> answer)
    {
        if (answer.Length < 40 || BinaryPrimitives.ReadUInt16BigEndian(answer[6..]) == 0)
        {
            return null;
        }

        // Behind the question: owner (one octet), type, class, TTL, length; then the two names of the SOA, and the serial.
        var position = Skip(answer, Skip(answer, Query.Length + 1 + 10));
        return BinaryPrimitives.ReadUInt32BigEndian(answer[position..]);
    }

    /// <summary>Behind the name at this position.</summary>
    private static int Skip(ReadOnlySpan<byte> answer, int position)
    {
        while (answer[position] is > 0 and < 0xc0)
        {
            position += answer[position] + 1;
        }

        return position + (answer[position] == 0 ? 1 : 2);
    }
}
