using System.Net.Sockets;

namespace Smtpy.Mail.Server.Connections;

/// <summary>
/// Descriptors held for nothing, to be let go when there are no others. Accepting takes the last one there is, and then nothing works any
/// more: no lookup, no database, no web request, and a thread of the runtime that cannot be started ends the process. What is let go
/// is theirs, for nothing is accepted until it can be held again.
/// </summary>
internal sealed class FileReserve : IDisposable
{
    /// <summary>For each listener. 8: a lookup, a connection to the database, a web request and a thread at once, and as many again.</summary>
    private const int Size = 8;

    private readonly Stack<Socket> _held = new(Size);

    /// <returns>Whether there are descriptors to spare.</returns>
    public bool TryHold()
    {
        try
        {
            while (_held.Count < Size)
            {
                _held.Push(new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
            }

            return true;
        }
        catch (SocketException shortage) when (IsShortage(shortage.SocketErrorCode))
        {
            Release();
            return false;
        }
    }

    public void Release()
    {
        while (_held.TryPop(out var held))
        {
            held.Dispose();
        }
    }

    public void Dispose() => Release();

    public static bool IsShortage(SocketError error) => error is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable;
}
