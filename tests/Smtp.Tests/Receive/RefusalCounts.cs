using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Smtpy.Smtp.Tests.Plan;

namespace Smtpy.Smtp.Tests.Receive;

/// <summary>Reads smtpy.refused and the gauge of memory of one fixture.</summary>
internal sealed class RefusalCounts : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, long> _seen = [];

    public RefusalCounts(ReceivingFixture smtpy)
    {
        var factory = smtpy.Get<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, factory))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _seen[tags.IsEmpty ? instrument.Name : $"{tags[0].Value}"] = value);
        _listener.Start();
    }

    public long this[string reason]
    {
        get
        {
            _listener.RecordObservableInstruments();
            return _seen.GetValueOrDefault(reason);
        }
    }

    public void Dispose() => _listener.Dispose();
}
