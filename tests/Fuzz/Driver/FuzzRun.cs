using System.Diagnostics;

namespace Smtpy.Fuzz.Driver;

/// <summary>How a run ended.</summary>
/// <param name="Failure">What went wrong, for people; null when nothing did.</param>
/// <param name="File">Where the input that did it is.</param>
internal sealed record FuzzOutcome(long Inputs, int Branches, string? Failure, string? File);

/// <summary>
/// Tries inputs on one target until the time is over or one fails. Inputs that reach new branches join the corpus (in memory),
/// so instrumented code is explored step by step; other code is tried at random.
/// </summary>
internal sealed class FuzzRun(string name, FuzzTarget target, FuzzOptions options)
{
    // A search that is stuck on long inputs finds less: so many are kept.
    private const int MaxKnown = 20_000;

    private readonly CoverageMap _coverage = new();
    private readonly List<byte[]> _known = [[]];
    private long _inputs;

    public FuzzOutcome Run()
    {
        using var watch = new InputWatch(name, options);
        var clock = Stopwatch.StartNew();
        var baseline = GC.GetTotalMemory(forceFullCollection: true);
        foreach (var seed in Seeds())
        {
            _known.Add(seed);
            if (Try(seed, watch) is { } failure)
            {
                return Failed(failure, seed);
            }
        }

        var mutator = new Mutator(new Random(options.Seed), options.MaxLength);
        while (clock.Elapsed < options.Time && _inputs < options.MaxInputs)
        {
            var input = mutator.Next(_known);
            if (Try(input, watch) is { } failure)
            {
                return Failed(failure, input);
            }
        }

        var growth = GC.GetTotalMemory(forceFullCollection: true) - baseline - _known.Sum(static input => (long)input.Length);
        return growth > options.GrowthLimit
            ? Failed($"{growth} octets are still in use after all inputs", [])
            : new FuzzOutcome(_inputs, _coverage.Branches, null, null);
    }

    /// <summary>One input, as a run would try it.</summary>
    public FuzzOutcome Replay(byte[] input)
    {
        using var watch = new InputWatch(name, options);
        return Try(input, watch) is { } failure ? Failed(failure, input) : new FuzzOutcome(1, _coverage.Branches, null, null);
    }

    private IEnumerable<byte[]> Seeds() => Directory.Exists(options.Corpus)
        ? Directory.EnumerateFiles(options.Corpus).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)
        : [];

    private string? Try(byte[] input, InputWatch watch)
    {
        _inputs++;
        watch.Begin(input);
        _coverage.Clear();
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            target(input);
        }
        catch (Exception crash)
        {
            // Any exception is what is being looked for.
            return crash.ToString();
        }
        finally
        {
            watch.End();
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > options.AllocationLimit)
        {
            return $"{allocated} octets were allocated for one input of {input.Length}";
        }

        if (_coverage.IsNew() && _known.Count < MaxKnown)
        {
            _known.Add(input);
        }

        return null;
    }

    private FuzzOutcome Failed(string failure, byte[] input) =>
        new(_inputs, _coverage.Branches, failure, InputWatch.Save(name, options, input));
}
