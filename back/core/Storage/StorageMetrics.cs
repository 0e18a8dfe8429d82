using System.Diagnostics.Metrics;
using Smtpy.Mail.Diagnostics;

namespace Smtpy.Core.Storage;

/// <summary>Meter "Smtpy": what the group commit writer does.</summary>
public sealed class StorageMetrics : IDisposable
{
    public const string MeterName = "Smtpy";

    private readonly Meter _meter;
    private readonly Histogram<double> _commitDuration;
    private readonly Histogram<int> _commitOperations;
    private readonly Tally _commitFailures;
    private Func<int> _queueLength = static () => 0;

    public StorageMetrics(IMeterFactory? factory = null)
    {
        _meter = factory?.Create(MeterName) ?? new Meter(MeterName);
        _commitDuration = _meter.CreateHistogram<double>(
            "smtpy.storage.commit.duration", "s", "Time from the begin of a transaction until it is durable.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
            });
        _commitOperations = _meter.CreateHistogram<int>(
            "smtpy.storage.commit.operations", "{operation}", "Writes committed together.",
            advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] });
        _commitFailures = new Tally(_meter, "smtpy.storage.commit.failures", "{commit}", "Transactions rolled back.");
        _meter.CreateObservableGauge("smtpy.storage.waiting", () => _queueLength(), "{operation}", "Writes waiting for the writer.");
    }

    /// <summary>Commits that succeeded since the start.</summary>
    public long Commits => Volatile.Read(ref _commits);

    private long _commits;

    public void Dispose() => _meter.Dispose();

    internal void Watch(Func<int> queueLength) => _queueLength = queueLength;

    internal void Committed(int operations, TimeSpan duration)
    {
        Interlocked.Increment(ref _commits);
        _commitDuration.Record(duration.TotalSeconds);
        _commitOperations.Record(operations);
    }

    internal void Failed() => _commitFailures.Add();
}
