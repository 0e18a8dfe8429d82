using System.Diagnostics.Metrics;
using Smtpy.Mail.Diagnostics;

namespace Smtpy.Smtp.Filter;

/// <summary>How asking Rspamd ended.</summary>
public enum SpamScan
{
    Answered = 0,

    /// <summary>It was not reached, took too long or answered with an error.</summary>
    Failed = 1,

    /// <summary>It did not look at the message.</summary>
    Skipped = 2,

    /// <summary>It was not asked.</summary>
    TooLarge = 3,
}

/// <summary>Meter "Smtpy": what the filters did.</summary>
public sealed class FilterMetrics
{
    private readonly TallyBy<SpamScan> _scans;

    public FilterMetrics(IMeterFactory meters) => _scans = new TallyBy<SpamScan>(
        meters.Create("Smtpy"), "smtpy.spam.scans", "result", "{message}", "Messages that Rspamd was to be asked about, by how it ended.");

    public void Scanned(SpamScan result) => _scans.Add(result);
}
