using System.Globalization;

namespace Smtpy.Server.Hosting;

/// <summary>
/// What the process's limit of open files (RLIMIT_NOFILE) leaves room for. Every connection is one; at the limit nothing can be accepted,
/// looked up or stored, so fewer connections are taken than would reach it.
/// </summary>
/// <param name="Limit">The limit that the process really has; null where it is not known or there is none.</param>
/// <param name="Smtp">Incoming connections asked for (SMTP_MAX_CONNECTIONS).</param>
/// <param name="Outgoing">Outgoing connections asked for.</param>
/// <param name="Web">Connections to the web port asked for (API_MAX_CONNECTIONS).</param>
internal sealed record OpenFileBudget(long? Limit, int Smtp, int Outgoing, int Web)
{
    /// <summary>
    /// Files besides those. 400: some 310 are open at rest, most of them the program's own libraries; the rest is for the database, DNS, and
    /// clients that are being told 421.
    /// </summary>
    public const int Others = 400;

    /// <summary>Below any limit a few are taken: a server that takes none would be of no use.</summary>
    private const int Least = 5;

    public long Needed => (long)Smtp + Outgoing + Web + Others;

    public bool IsShort => Limit < Needed;

    /// <summary>At most a quarter of what there is goes out: what waits in the queue can wait, who knocks does not.</summary>
    public int AllowedOutgoing => IsShort ? Fit(Outgoing, (Limit!.Value - Others) / 4) : Outgoing;

    /// <summary>At most an eighth is for the web: who floods it must not keep mail out.</summary>
    public int AllowedWeb => IsShort ? Fit(Web, (Limit!.Value - Others) / 8) : Web;

    public int AllowedSmtp => IsShort ? Fit(Smtp, Limit!.Value - Others - AllowedOutgoing - AllowedWeb) : Smtp;

    /// <param name="limits">The text of /proc/self/limits; null where there is none.</param>
    public static long? ReadLimit(string? limits)
    {
        const string name = "Max open files";
        var line = limits?.Split('\n').FirstOrDefault(static line => line.StartsWith(name, StringComparison.Ordinal));
        var words = line?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is [var soft, ..] && long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : null;
    }

    public static OpenFileBudget OfThisProcess(int smtp, int outgoing, int web)
    {
        const string path = "/proc/self/limits";
        try
        {
            return new OpenFileBudget(ReadLimit(File.Exists(path) ? File.ReadAllText(path) : null), smtp, outgoing, web);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new OpenFileBudget(null, smtp, outgoing, web);
        }
    }

    private static int Fit(int wanted, long room) => (int)Math.Min(wanted, Math.Max(room, Math.Min(wanted, Least)));
}
