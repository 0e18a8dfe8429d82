using System.Diagnostics.Metrics;

namespace Smtpy.Smtp.Receive;

/// <summary>Meter "Smtpy": what was accepted, and what was refused and why.</summary>
public sealed class ReceiveMetrics
{
    public const string MeterName = "Smtpy";

    private readonly Counter<long> _accepted;
    private readonly Counter<long> _octets;
    private readonly Counter<long> _refused;

    public ReceiveMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _accepted = meter.CreateCounter<long>("messages.accepted", description: "Messages answered 250 after they were stored.");
        _octets = meter.CreateCounter<long>("octets.accepted", description: "Octets of accepted messages.");
        _refused = meter.CreateCounter<long>("refused", description: "Connections, recipients and messages refused, by reason.");
    }

    public void Accepted(long octets)
    {
        _accepted.Add(1);
        _octets.Add(octets);
    }

    public void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
