namespace Smtpy.Tests.Support.Processes;

/// <summary>Commands that need another user than the one the tests run as.</summary>
public static class Privileges
{
    public static bool IsRoot => Environment.IsPrivilegedProcess;

    /// <summary>The command as root: as it is for root, through <c>sudo -n</c> for anybody else.</summary>
    public static IReadOnlyList<string> AsRoot(params IReadOnlyList<string> command) =>
        IsRoot ? command : ["sudo", "-n", .. command];

    /// <summary>The command as an ordinary user, whom file modes bind: root becomes "nobody".</summary>
    public static IReadOnlyList<string> AsNobody(params IReadOnlyList<string> command)
    {
        if (!IsRoot)
        {
            return command;
        }

        RequiredPackages.Need("util-linux");
        return ["/usr/bin/setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", .. command];
    }
}
