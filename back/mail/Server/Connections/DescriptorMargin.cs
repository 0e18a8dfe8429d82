using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Smtpy.Mail.Server.Connections;

/// <summary>
/// File descriptors that are never taken by accepting. Without any nothing works any more: no lookup, no database, no web request, and a
/// library that the runtime cannot open, or a thread that it cannot start, ends the process. A new descriptor has the lowest number that
/// is free (POSIX, "File Descriptor Allocation"), so its number says how near the limit is.
/// </summary>
internal sealed class DescriptorMargin
{
    /// <summary>48: a lookup, connections to the database, a web request and its libraries, all of it at once.</summary>
    private const int Size = 48;

    /// <summary>Of a low limit only this part: a server that takes nothing would be of no use.</summary>
    private const int Part = 16;

    /// <summary>RLIMIT_NOFILE of Linux.</summary>
    private const int OpenFiles = 7;

    private bool _isShort;

    /// <summary>Whether one may be accepted. Costs nothing until <see cref="Took"/> has seen that there are few.</summary>
    public bool HasRoom()
    {
        if (!_isShort)
        {
            return true;
        }

        try
        {
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            _isShort = IsNearLimit(probe);
        }
        catch (SocketException shortage) when (IsShortage(shortage.SocketErrorCode))
        {
            _isShort = true;
        }

        return !_isShort;
    }

    /// <summary>This one may have been the last for now.</summary>
    public void Took(Socket accepted) => _isShort = IsNearLimit(accepted);

    /// <summary>There was not even one to accept with.</summary>
    public void Failed() => _isShort = true;

    public static bool IsShortage(SocketError error) => error is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable;

    // Asked each time: the limit of a process that runs can be changed.
    private static bool IsNearLimit(Socket socket) =>
        OperatingSystem.IsLinux() && GetLimit(OpenFiles, out var limit) == 0 && (nuint)socket.SafeHandle.DangerousGetHandle() + Math.Min(Size, limit.Soft / Part) >= limit.Soft;

    [DllImport("libc", EntryPoint = "getrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetLimit(int resource, out ResourceLimit limit);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct ResourceLimit
    {
        public readonly nuint Soft;
        public readonly nuint Hard;
    }
}
