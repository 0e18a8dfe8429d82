using Smtpy.Core.Storage;

namespace Smtpy.Core.Coordination;

/// <summary>Word of changes in the database, by signals.</summary>
public sealed class SignalCarrier(ISignals signals) : IChangeCarrier
{
    public void Listen(Action<Change> heard) => signals.Listen(signal =>
    {
        if (signal.Kind is SignalKind.RoutingChanged or SignalKind.Resumed)
        {
            heard(Change.Routing);
        }

        if (signal.Kind is SignalKind.DeliveriesDue or SignalKind.Resumed)
        {
            heard(Change.DueDeliveries);
        }
    });

    public ValueTask AnnounceAsync(Change change, CancellationToken cancellationToken) => signals.SendAsync(
        new Signal(change == Change.Routing ? SignalKind.RoutingChanged : SignalKind.DeliveriesDue), cancellationToken);

    /// <summary>The signals are not its own.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
