using System.Diagnostics.Metrics;

namespace Smtpy.Smtp.Deliver;

/// <summary>Meter "Smtpy", the part about outgoing mail.</summary>
public sealed class DeliveryMetrics : IDisposable
{
    private readonly Meter _meter = new("Smtpy");
    private readonly Counter<long> _deliveries;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _opened;
    private readonly Counter<long> _reused;
    private readonly KeyValuePair<string, object?>[] _outcomes =
        [.. Enum.GetValues<DeliveryOutcome>().Select(o => new KeyValuePair<string, object?>("outcome", o.ToString().ToLowerInvariant()))];

    public DeliveryMetrics()
    {
        _deliveries = _meter.CreateCounter<long>("deliveries", "{delivery}", "Delivery attempts by how they ended.");
        _duration = _meter.CreateHistogram(
            "delivery.duration", "s", "From taking up a message to its outcome.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600] });
        _opened = _meter.CreateCounter<long>("delivery.connections.opened", "{connection}", "Outgoing sessions opened.");
        _reused = _meter.CreateCounter<long>("delivery.connections.reused", "{message}", "Messages sent on a session that had sent one before.");
    }

    internal void Observe(MemoryBudget budget)
    {
        _meter.CreateObservableGauge("delivery.queue.messages", () => budget.Messages, "{message}", "Messages in memory, waiting or under way.");
        _meter.CreateObservableGauge("delivery.queue.octets", () => budget.Octets, "By", "Octets of the messages in memory.");
    }

    internal void Ended(DeliveryOutcome outcome) => _deliveries.Add(1, _outcomes[(int)outcome]);

    internal void Took(TimeSpan duration) => _duration.Record(duration.TotalSeconds);

    internal void Opened() => _opened.Add(1);

    internal void Reused() => _reused.Add(1);

    public void Dispose() => _meter.Dispose();
}

/// <summary>How one attempt for one recipient ended.</summary>
internal enum DeliveryOutcome
{
    Delivered = 0,
    Deferred = 1,
    Failed = 2,
    Captured = 3,
}
