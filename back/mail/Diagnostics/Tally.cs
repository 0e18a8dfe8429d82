using System.Diagnostics.Metrics;

namespace Smtpy.Mail.Diagnostics;

/// <summary>
/// A counter that is shown from the start, at zero: an alert on "rises" needs the zero before. Counting is one atomic addition,
/// whether anybody listens or not.
/// </summary>
public sealed class Tally
{
    private long _count;

    /// <param name="unit">UCUM unit, such as "By" or "{message}".</param>
    public Tally(Meter meter, string name, string unit, string description) =>
        meter.CreateObservableCounter(name, () => Interlocked.Read(ref _count), unit, description);

    public void Add(long count = 1) => Interlocked.Add(ref _count, count);
}
