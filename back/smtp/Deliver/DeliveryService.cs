using Microsoft.Extensions.Logging;
using Smtpy.Core.Storage;
using Smtpy.Smtp.Route;

namespace Smtpy.Smtp.Deliver;

/// <summary>The clockwork around the queue: looks for due deliveries, keeps the lease alive, and stops in good order.</summary>
/// <remarks>The store must have been started before, and must outlive this.</remarks>
public sealed class DeliveryService(
    DeliveryQueue queue, IMessageStore store, OutboundMessages messages, DeliveryOptions options, TimeProvider time,
    ILogger<DeliveryService> logger, DueSignal? due = null) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly DuePoller _poller = new(queue, store, messages, options, logger);
    private CancellationToken _stopping;
    private Task _polling = Task.CompletedTask;
    private Task _renewing = Task.CompletedTask;
    private long _renewedAt;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _stopping = _stop.Token;
        _renewedAt = time.GetTimestamp();
        _polling = PollEachAsync(options.PollInterval);
        _renewing = EachAsync(options.LeaseTime / 3, RenewAsync, "lease renewal");
        return Task.CompletedTask;
    }

    /// <param name="cancellationToken">Ends the patience with transactions under way early.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await _stop.CancelAsync();
        await _polling;
        await queue.StopAsync(cancellationToken);
        await _renewing;
    }

    /// <summary>Also without a stop before it: where the start of something else has failed.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task PollAsync()
    {
        queue.Sweep();
        await _poller.PollAsync(_stopping);
    }

    private async Task RenewAsync()
    {
        try
        {
            // False also means that the store has taken a new lease, without deliveries.
            var renewed = await store.RenewLeaseAsync(_stopping);
            _renewedAt = time.GetTimestamp();
            if (!renewed)
            {
                _poller.Outlive(queue.LoseLease());
            }
        }
        catch (StorageException e)
        {
            DeliveryLog.LeaseNotRenewed(logger, e);
            if (time.GetElapsedTime(_renewedAt) >= options.LeaseTime)
            {
                // Another process may have taken everything over by now.
                _poller.Outlive(queue.LoseLease());
            }
        }
    }

    /// <summary>Looks at every tick, and at once when deliveries are said to be due.</summary>
    private async Task PollEachAsync(TimeSpan interval)
    {
        using var timer = new PeriodicTimer(interval, time);
        var tick = timer.WaitForNextTickAsync(_stopping).AsTask();
        try
        {
            while (true)
            {
                Task next = due is null ? tick : Task.WhenAny(tick, due.WaitAsync());
                await next;
                if (tick.IsCompleted)
                {
                    await tick;
                    tick = timer.WaitForNextTickAsync(_stopping).AsTask();
                }

                await RunAsync(PollAsync, "poll");
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    private async Task EachAsync(TimeSpan interval, Func<Task> work, string name)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping))
            {
                await RunAsync(work, name);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    private async Task RunAsync(Func<Task> work, string name)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A clockwork that stands still would strand all deferred mail, or lose the lease: the next tick tries again.
            DeliveryLog.ClockworkBroke(logger, e, name);
        }
    }
}
