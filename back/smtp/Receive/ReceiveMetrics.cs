using System.Diagnostics.Metrics;
using Smtpy.Mail.Diagnostics;

namespace Smtpy.Smtp.Receive;

/// <summary>Meter "Smtpy": what was accepted, and what was refused and why.</summary>
public sealed class ReceiveMetrics
{
    public const string MeterName = "Smtpy";

    private readonly Tally _accepted;
    private readonly Tally _size;
    private readonly TallyBy<Refusal> _refused;

    public ReceiveMetrics(IMeterFactory meters, ReceiveMemory memory)
    {
        var meter = meters.Create(MeterName);
        _accepted = new Tally(meter, "smtpy.messages.accepted", "{message}", "Messages answered 250 after they were stored.");
        _size = new Tally(meter, "smtpy.messages.accepted.size", "By", "Octets of the accepted messages.");
        _refused = new TallyBy<Refusal>(meter, "smtpy.refused", "reason", "{refusal}", "Connections, recipients and messages refused, by reason.");
        meter.CreateObservableGauge("smtpy.receive.memory.size", () => memory.Octets, "By", "Octets of memory that messages hold while they come in.");
    }

    public void Accepted(long octets)
    {
        _accepted.Add();
        _size.Add(octets);
    }

    public void Refused(Refusal reason) => _refused.Add(reason);
}
