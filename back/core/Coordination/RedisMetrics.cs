using System.Diagnostics.Metrics;
using Smtpy.Core.Storage;
using Smtpy.Mail.Diagnostics;

namespace Smtpy.Core.Coordination;

/// <summary>Meter "Smtpy": whether Redis is there.</summary>
public sealed class RedisMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Tally _failures;
    private volatile bool _isUp;

    public RedisMetrics(IMeterFactory? factory = null)
    {
        _meter = factory?.Create(StorageMetrics.MeterName) ?? new Meter(StorageMetrics.MeterName);
        _failures = new Tally(_meter, "smtpy.redis.failures", "{command}", "Commands that Redis did not answer in time or refused.");
        _meter.CreateObservableGauge("smtpy.redis.up", () => _isUp ? 1 : 0, description: "1 while Redis answers.");
    }

    public void Dispose() => _meter.Dispose();

    internal void State(bool isUp) => _isUp = isUp;

    internal void Failed() => _failures.Add();
}
