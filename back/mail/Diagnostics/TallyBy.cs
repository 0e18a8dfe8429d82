using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Smtpy.Mail.Diagnostics;

/// <summary>One <see cref="Tally"/> for each value of an enumeration: a counter with one label, all of its values shown from the start.</summary>
/// <typeparam name="TLabel">An enumeration over int whose values are 0, 1, 2 …; in the label they are written in snake case.</typeparam>
public sealed class TallyBy<TLabel>
    where TLabel : struct, Enum
{
    private readonly long[] _counts = new long[Enum.GetValues<TLabel>().Length];
    private readonly KeyValuePair<string, object?>[] _labels;

    /// <param name="label">The label's name.</param>
    /// <param name="not">A value that is never counted and so not shown.</param>
    public TallyBy(Meter meter, string name, string label, string unit, string description, TLabel? not = null)
    {
        _labels = [.. Enum.GetNames<TLabel>().Select(value => KeyValuePair.Create(label, (object?)JsonNamingPolicy.SnakeCaseLower.ConvertName(value)))];
        var hidden = not is { } never ? IndexOf(never) : -1;
        meter.CreateObservableCounter(name, () => Observe(hidden), unit, description);
    }

    public void Add(TLabel value) => Interlocked.Increment(ref _counts[IndexOf(value)]);

    private static int IndexOf(TLabel value) => Unsafe.As<TLabel, int>(ref value);

    private IEnumerable<Measurement<long>> Observe(int hidden)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            if (i != hidden)
            {
                yield return new Measurement<long>(Interlocked.Read(ref _counts[i]), _labels[i]);
            }
        }
    }
}
