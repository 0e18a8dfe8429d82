using System.Diagnostics.Metrics;
using Smtpy.Mail.Diagnostics;

namespace Smtpy.Smtp.Deliver;

/// <summary>Meter "Smtpy", the part about outgoing mail.</summary>
public sealed class DeliveryMetrics : IDisposable
{
    private readonly Meter _meter = new("Smtpy");
    private readonly TallyBy<DeliveryOutcome> _deliveries;
    private readonly Histogram<double> _duration;
    private readonly Tally _opened;
    private readonly Tally _reused;

    public DeliveryMetrics()
    {
        _deliveries = new TallyBy<DeliveryOutcome>(
            _meter, "smtpy.deliveries", "outcome", "{delivery}", "Delivery attempts by how they ended, and waits without an attempt (postponed).");
        _duration = _meter.CreateHistogram(
            "smtpy.delivery.duration", "s", "From taking up a message to its outcome.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120, 600] });
        _opened = new Tally(_meter, "smtpy.delivery.connections.opened", "{connection}", "Outgoing sessions opened.");
        _reused = new Tally(_meter, "smtpy.delivery.connections.reused", "{message}", "Messages sent on a session that had sent one before.");
    }

    internal void Observe(MemoryBudget budget)
    {
        _meter.CreateObservableGauge("smtpy.delivery.memory.messages", () => budget.Messages, "{message}", "Messages in memory, waiting or under way.");
        _meter.CreateObservableGauge("smtpy.delivery.memory.size", () => budget.Octets, "By", "Octets of the messages in memory.");
    }

    internal void Ended(DeliveryOutcome outcome) => _deliveries.Add(outcome);

    internal void Took(TimeSpan duration) => _duration.Record(duration.TotalSeconds);

    internal void Opened() => _opened.Add();

    internal void Reused() => _reused.Add();

    /// <summary>For tests: several may run in one process.</summary>
    internal bool Owns(Meter meter) => ReferenceEquals(meter, _meter);

    public void Dispose() => _meter.Dispose();
}

/// <summary>How one attempt for one recipient ended, or that it was not made.</summary>
internal enum DeliveryOutcome
{
    Delivered = 0,
    Deferred = 1,
    Failed = 2,
    Captured = 3,

    /// <summary>Waits for a person: it could not be made into what may be sent.</summary>
    Held = 4,

    /// <summary>No attempt: its destination is left alone.</summary>
    Postponed = 5,
}
