using StackExchange.Redis;

namespace Smtpy.Core.Coordination;

/// <summary>Signals by Redis's publish and subscribe. What is lost while it is gone is made up for by one <see cref="SignalKind.Resumed"/>.</summary>
public sealed class RedisSignals : ISignals
{
    private static readonly RedisChannel Channel = RedisChannel.Literal("smtpy:signals");

    private readonly RedisLink _link;
    private readonly Listeners _listeners = new();
    private readonly string _self = Guid.NewGuid().ToString("N");

    public RedisSignals(RedisLink link)
    {
        ArgumentNullException.ThrowIfNull(link);
        _link = link;
        link.WhenBack(Resume);
    }

    public void Listen(Action<Signal> listener) => _listeners.Add(listener);

    /// <summary>Begins to hear other processes. The subscription outlives the connection: the client renews it.</summary>
    /// <returns>False where Redis does not answer now; try again.</returns>
    public ValueTask<bool> SubscribeAsync() =>
        _link.TryAsync(connection => connection.GetSubscriber().SubscribeAsync(Channel, (_, text) => Hear(text.ToString())));

    /// <summary>Signals may have been missed.</summary>
    public void Resume() => _listeners.Tell(new Signal(SignalKind.Resumed));

    public async ValueTask SendAsync(Signal signal, CancellationToken cancellationToken)
    {
        _listeners.Tell(signal);

        // An admin command has watched nothing so far.
        await _link.StartAsync(cancellationToken);
        await _link.TryAsync(connection =>
            connection.GetSubscriber().PublishAsync(Channel, $"{_self} {signal.Kind} {signal.Subject}"));
    }

    private void Hear(string text)
    {
        if (text.Split(' ', 3) is [var sender, var word, var subject] && sender != _self && Enum.TryParse<SignalKind>(word, out var kind))
        {
            _listeners.Tell(new Signal(kind, subject));
        }
    }
}
