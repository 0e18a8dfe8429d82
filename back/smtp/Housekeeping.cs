using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Smtpy.Core.Storage;

namespace Smtpy.Smtp;

/// <summary>What has to be done now and then: removing what retention no longer keeps, and measuring the queue.</summary>
public sealed partial class Housekeeping : IAsyncDisposable
{
    /// <summary>Retention counts in days; an hour more or less is nobody's concern, and each purge then has little to do.</summary>
    private static readonly TimeSpan PurgeInterval = TimeSpan.FromHours(1);

    /// <summary>What /metrics shows may be this old.</summary>
    private static readonly TimeSpan MeasureInterval = TimeSpan.FromSeconds(5);

    private readonly IMessageStore _store;
    private readonly RetentionPolicy _retention;
    private readonly TimeProvider _time;
    private readonly ILogger<Housekeeping> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private QueueDepth _depth;

    public Housekeeping(IMessageStore store, RetentionPolicy retention, TimeProvider time, IMeterFactory meters, ILogger<Housekeeping> logger)
    {
        (_store, _retention, _time, _logger) = (store, retention, time, logger);
        var meter = meters.Create("Smtpy");
        meter.CreateObservableGauge("smtpy.queue.deliveries", Deliveries, "{delivery}", "Deliveries in the store by state; queued are waiting or under way.");
        meter.CreateObservableGauge("smtpy.queue.oldest.age", OldestAge, "s", "Age of the oldest queued delivery.");
    }

    public void Start() => _running = RunAsync(_stopping.Token);

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
    }

    private double OldestAge() =>
        _depth.OldestQueuedAt is { } oldest ? Math.Max(0, (_time.GetUtcNow() - oldest).TotalSeconds) : 0;

    private IEnumerable<Measurement<long>> Deliveries()
    {
        yield return new(_depth.Queued, new KeyValuePair<string, object?>("state", "queued"));
        yield return new(_depth.Failed, new KeyValuePair<string, object?>("state", "failed"));
        yield return new(_depth.Held, new KeyValuePair<string, object?>("state", "held"));
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(MeasureInterval, _time);
        long? lastPurge = null;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                // Also soon after the start: a process that is restarted every day must purge as well.
                var purge = lastPurge is not { } last || _time.GetElapsedTime(last) >= PurgeInterval;
                lastPurge = purge ? _time.GetTimestamp() : lastPurge;
                await KeepHouseAsync(purge, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private async Task KeepHouseAsync(bool purge, CancellationToken cancellationToken)
    {
        try
        {
            _depth = await _store.MeasureQueueAsync(cancellationToken);
            if (purge && await _store.PurgeAsync(_retention, cancellationToken) is > 0 and var removed)
            {
                LogPurged(_logger, removed);
            }
        }
        catch (StorageException failure)
        {
            LogFailed(_logger, failure.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "retention removed {Messages} messages")]
    private static partial void LogPurged(ILogger logger, int messages);

    [LoggerMessage(Level = LogLevel.Warning, Message = "queue not measured or purged this time: {Failure}")]
    private static partial void LogFailed(ILogger logger, string failure);
}
