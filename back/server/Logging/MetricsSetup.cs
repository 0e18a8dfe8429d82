using Prometheus;

namespace Smtpy.Server.Logging;

/// <summary>What /metrics shows: our own meters and the process's basics, not every meter of the framework.</summary>
internal static class MetricsSetup
{
    /// <summary>Seconds, from a commit on a fast disk (0.1 ms) to a delivery through a slow host (1 minute).</summary>
    private static readonly double[] Seconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    /// <summary>Counts, such as operations in a commit.</summary>
    private static readonly double[] Counts = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

    private static int _configured;

    /// <summary>To be awaited before anything is counted: what happens before the first collection is not seen by later ones.</summary>
    public static Task StartAsync(CancellationToken cancellationToken)
    {
        Configure();
        return Metrics.DefaultRegistry.CollectAndExportAsTextAsync(Stream.Null, cancellationToken);
    }

    private static void Configure()
    {
        // The registry belongs to the process, and tests start several servers in one.
        if (Interlocked.Exchange(ref _configured, 1) != 0)
        {
            return;
        }

        Metrics.ConfigureMeterAdapter(static options =>
        {
            options.InstrumentFilterPredicate = static instrument => instrument.Meter.Name.Equals("Smtpy", StringComparison.Ordinal);
            options.ResolveHistogramBuckets = static instrument => instrument.Unit == "s" ? Seconds : Counts;
        });
        Metrics.ConfigureEventCounterAdapter(static options => options.EventSourceFilterPredicate = static _ => false);
    }
}
