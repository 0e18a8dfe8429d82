using System.Globalization;
using SharpFuzz;

namespace Smtpy.Fuzz.Driver;

/// <summary>
/// The command line: "list"; "run TARGET SECONDS CORPUS FINDINGS [SEED]"; "replay TARGET FILE"; "afl TARGET" (started by afl-fuzz).
/// </summary>
internal static class FuzzCommand
{
    /// <summary>Exit code where an input failed.</summary>
    public const int Found = 1;

    private const int Misused = 2;

    public static int Run(IReadOnlyDictionary<string, FuzzTarget> targets, string[] arguments, TextWriter output)
    {
        switch (arguments)
        {
            case ["list"]:
                output.WriteLine(string.Join('\n', targets.Keys));
                return 0;
            case ["run", var name, var seconds, var corpus, var findings, .. var rest]
                when targets.TryGetValue(name, out var target) && int.TryParse(seconds, CultureInfo.InvariantCulture, out var time):
                var seed = rest is [var given] ? int.Parse(given, CultureInfo.InvariantCulture) : Random.Shared.Next();
                output.WriteLine($"{name}: {time} s, seed {seed}");
                var options = new FuzzOptions(corpus, findings, TimeSpan.FromSeconds(time), seed);
                return Report(name, new FuzzRun(name, target, options).Run(), output);
            case ["replay", var name, var file] when targets.TryGetValue(name, out var target):
                var here = new FuzzOptions("", Path.GetTempPath(), TimeSpan.Zero, 0);
                return Report(name, new FuzzRun(name, target, here).Replay(File.ReadAllBytes(file)), output);
            case ["afl", var name] when targets.TryGetValue(name, out var target):
                Fuzzer.OutOfProcess.Run(stream => target(ReadAll(stream)));
                return 0;
            default:
                output.WriteLine("Usage: list | run TARGET SECONDS CORPUS FINDINGS [SEED] | replay TARGET FILE | afl TARGET");
                return Misused;
        }
    }

    private static int Report(string name, FuzzOutcome outcome, TextWriter output)
    {
        if (outcome.Failure is null)
        {
            var guide = outcome.Branches == 0 ? "not instrumented" : $"{outcome.Branches} branches";
            output.WriteLine($"{name}: {outcome.Inputs} inputs, {guide}, nothing found");
            return 0;
        }

        output.WriteLine($"{name}: FAILED after {outcome.Inputs} inputs: {outcome.Failure}\n{name}: the input is {outcome.File}");
        return Found;
    }

    private static byte[] ReadAll(Stream stream)
    {
        using var octets = new MemoryStream();
        stream.CopyTo(octets);
        return octets.ToArray();
    }
}
