using Smtpy.Server.Configuration;

namespace Smtpy.Server.Hosting;

/// <summary>
/// On which threads what waited for a socket goes on. With the embedded database on those that watch the sockets: no thread is woken for each
/// step of a session, 8 to 12 % of the processor's time (docs/performance.md). With a database server on the thread pool:
/// its client may wait for an answer of one socket while it runs, which nobody could read then.
/// </summary>
internal static class SocketCompletions
{
    /// <summary>The runtime's own switch; it reads it before the first socket is used, and whatever the environment sets stays.</summary>
    private const string Inline = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    public static void Choose(DatabaseSettings database)
    {
        if (database.IsEmbedded && Environment.GetEnvironmentVariable(Inline) is null)
        {
            Environment.SetEnvironmentVariable(Inline, "1");
        }
    }
}
