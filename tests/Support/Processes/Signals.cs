using System.Runtime.InteropServices;

namespace Smtpy.Tests.Support.Processes;

/// <summary>Sends a signal to one process, by its id.</summary>
public static partial class Signals
{
    private const int Sigterm = 15;

    public static void Terminate(int processId)
    {
        _ = Kill(processId, Sigterm);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
