using System.Diagnostics.Metrics;
using Smtpy.Mail.Diagnostics;

namespace Smtpy.Mail.TlsPolicy;

/// <summary>Meter "Smtpy", the part about outgoing TLS. By result only: the domains are too many for labels, they are in <see cref="TlsReports"/>.</summary>
public sealed class TlsMetrics : IDisposable
{
    private readonly Meter _meter = new("Smtpy");
    private readonly TallyBy<TlsResult> _sessions;
    private readonly TallyBy<TlsResult> _fetches;

    public TlsMetrics()
    {
        _sessions = new TallyBy<TlsResult>(
            _meter, "smtpy.delivery.tls.sessions", "result", "{session}", "Outgoing sessions by how TLS ended.", TlsResult.DaneRequired);
        _fetches = new TallyBy<TlsResult>(
            _meter, "smtpy.delivery.sts.fetches", "result", "{fetch}", "MTA-STS policies fetched, by how it ended.", TlsResult.DaneRequired);
    }

    public void Dispose() => _meter.Dispose();

    internal void Session(TlsResult result) => _sessions.Add(result);

    internal void Fetched(TlsResult result) => _fetches.Add(result);
}
