using Microsoft.Extensions.Hosting;

namespace Smtpy.Core.Coordination;

/// <summary>Ties a serving process to the others: watches Redis, and hears what they signal.</summary>
public sealed class CoordinationService(RedisLink link, RedisSignals signals, TimeProvider time) : BackgroundService
{
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await link.StartAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Until it is subscribed once; from then on the client does it.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            using var timer = new PeriodicTimer(link.Options.ProbeInterval, time);
            while (!await signals.SubscribeAsync())
            {
                await timer.WaitForNextTickAsync(stoppingToken);
            }

            // What was signalled before the subscription was not heard.
            signals.Resume();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped.
        }
    }
}
