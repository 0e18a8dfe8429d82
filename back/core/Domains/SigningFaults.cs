using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Smtpy.Core.Storage;
using Smtpy.Mail.Diagnostics;

namespace Smtpy.Core.Domains;

/// <summary>
/// Names whose keys cannot be opened. Their mail still leaves, without those signatures: held mail helps nobody when SECRET_KEY is lost.
/// But somebody must notice: readiness says "degraded", a metric counts, and the log warns once a minute.
/// </summary>
public sealed partial class SigningFaults : IDisposable
{
    /// <summary>1 minute: seen at once by who looks, and no flood for who sends much.</summary>
    private static readonly TimeSpan WarningInterval = TimeSpan.FromMinutes(1);

    /// <summary>Names that are remembered; one alone shows that something is wrong. 100: what a person still reads.</summary>
    private const int MaxNames = 100;

    private readonly ConcurrentDictionary<string, string> _faults = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly ILogger<SigningFaults> _logger;
    private readonly Meter _meter;
    private readonly Tally _unsigned;
    private long _nextWarning = long.MinValue;

    public SigningFaults(TimeProvider time, ILogger<SigningFaults> logger, IMeterFactory? meters = null)
    {
        (_time, _logger) = (time, logger);
        _meter = meters?.Create(StorageMetrics.MeterName) ?? new Meter(StorageMetrics.MeterName);
        _unsigned = new Tally(
            _meter, "smtpy.signing.key.failures", "{lookup}", "Times that a message wanted a signing key that cannot be opened with this SECRET_KEY.");
    }

    /// <summary>One sentence for each name whose keys cannot be opened; empty when all is well.</summary>
    public ICollection<string> All => _faults.Values;

    public void Dispose() => _meter.Dispose();

    internal void Note(string domain, string fault)
    {
        _unsigned.Add();
        if (_faults.Count < MaxNames)
        {
            _faults[domain] = fault;
        }

        var now = _time.GetTimestamp();
        var next = Volatile.Read(ref _nextWarning);
        if (now >= next
            && Interlocked.CompareExchange(ref _nextWarning, now + (long)(WarningInterval.TotalSeconds * _time.TimestampFrequency), next) == next)
        {
            LogFault(_logger, fault);
        }
    }

    internal void Clear(string domain) => _faults.TryRemove(domain, out _);

    [LoggerMessage(Level = LogLevel.Warning, Message = "mail leaves without a signature it should have. {Fault}")]
    private static partial void LogFault(ILogger logger, string fault);
}
