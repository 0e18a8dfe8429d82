using Microsoft.Extensions.Hosting;
using Smtpy.Core.Storage;

namespace Smtpy.Core.Coordination;

/// <summary>Ties a serving process to the others: watches Redis, tells of routing changes, hears of theirs.</summary>
public sealed class CoordinationService(RedisLink link, RedisSignals signals, RoutingChanges changes, TimeProvider time) : BackgroundService
{
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        signals.Listen(signal =>
        {
            if (signal.Kind is SignalKind.RoutingChanged or SignalKind.Resumed)
            {
                changes.Hear();
            }
        });
        await link.StartAsync(cancellationToken);
        changes.TellOthersBy(() => _ = SendAsync());
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Until it is subscribed once; from then on the client does it.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(link.Options.ProbeInterval, time);
        while (!await signals.SubscribeAsync())
        {
            await timer.WaitForNextTickAsync(stoppingToken);
        }

        // What was changed before the subscription was not heard.
        changes.Hear();
    }

    /// <summary>Whoever saved the change does not wait; a signal that gets lost is made up for by the version in the database.</summary>
    private async Task SendAsync() => await signals.SendAsync(new Signal(SignalKind.RoutingChanged), CancellationToken.None);
}
