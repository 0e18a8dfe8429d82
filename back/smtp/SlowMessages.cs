namespace Smtpy.Smtp;

/// <summary>
/// Messages that take a while to judge and to rewrite, or longer where somebody means them to. Not on a thread that reads sockets (see
/// SocketCompletions of the server): many connections would wait.
/// </summary>
internal static class SlowMessages
{
    /// <summary>64 KiB: some milliseconds with the usual signatures, against the tenth of one that handing over costs.</summary>
    private const int Least = 64 * 1024;

    public static bool Include(long octets) => octets > Least;
}
