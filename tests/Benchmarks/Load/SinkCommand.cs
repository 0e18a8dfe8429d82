using System.Globalization;
using Smtpy.Tests.Support.Smtp;

namespace Smtpy.Benchmarks.Load;

/// <summary>
/// A sink that looks for the final dot with vector instructions instead of octet by octet, as smtp-sink does: at 100 kB a
/// message smtp-sink takes as much processor as the server it measures. Prints its count for every line it is sent.
/// </summary>
internal static class SinkCommand
{
    public static async Task<int> RunAsync(string port)
    {
        await using var sink = new RecordingSink(SinkMemory.Count, int.Parse(port, CultureInfo.InvariantCulture));
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is not null)
        {
            Console.WriteLine(sink.Received.ToString(CultureInfo.InvariantCulture));
        }

        return 0;
    }
}
