using Microsoft.Extensions.Hosting;

namespace Smtpy.Core.Storage;

/// <summary>Passes on what the carriers hear while this process serves; admin commands only announce.</summary>
internal sealed class ChangeListening(IEnumerable<IChangeCarrier> carriers, RoutingChanges routing, DueSignal due) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var carrier in carriers)
        {
            carrier.Listen(Hear);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Hear(Change change)
    {
        switch (change)
        {
            case Change.Routing:
                routing.Hear();
                break;
            case Change.DueDeliveries:
                due.Hear();
                break;
        }
    }
}
