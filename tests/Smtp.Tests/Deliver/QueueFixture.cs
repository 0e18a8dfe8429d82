using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Smtpy.Core.Storage;
using Smtpy.Mail.Client;
using Smtpy.Mail.Messages;
using Smtpy.Mail.TlsPolicy;
using Smtpy.Smtp.Deliver;
using Smtpy.Smtp.Judge;
using Smtpy.Smtp.Route;
using Smtpy.Tests.Support.ScriptedPeer;

namespace Smtpy.Smtp.Tests.Deliver;

/// <summary>A delivery queue with its clockwork, a store in memory, and a clock that is moved by hand.</summary>
internal sealed class QueueFixture : IAsyncDisposable, IOutboundComposer
{
    private readonly DeliveryMetrics _metrics = new();
    private int _released;

    public QueueFixture(DeliveryOptions options, TransportPolicies? policies = null)
    {
        Queue = new DeliveryQueue(options, Store, Resolver, _metrics, Time, NullLogger<DeliveryQueue>.Instance, policies: policies);
        Service = new DeliveryService(Queue, Store, new OutboundMessages(this), options, Time, NullLogger<DeliveryService>.Instance);
    }

    public FakeStore Store { get; } = new();

    public FakeResolver Resolver { get; } = new();

    public ManualTime Time { get; } = new();

    public DeliveryQueue Queue { get; }

    public DeliveryService Service { get; }

    public bool Owns(Meter meter) => _metrics.Owns(meter);

    public int Released => Volatile.Read(ref _released);

    /// <summary>Thrown by the composition of message 1, once.</summary>
    public Exception? ComposeFailure { get; set; }

    /// <summary>What composing answers instead of a message.</summary>
    public Composition? Refusal { get; set; }

    public static DeliveryOptions Relay(IPEndPoint relay) => new()
    {
        Mode = DeliveryMode.Relay,
        Hostname = "client.example",
        Relay = new RelayTarget(relay.Address.ToString(), relay.Port, SmtpTls.Opportunistic, null),
    };

    public static DeliveryOptions Mx(int port) => new() { Mode = DeliveryMode.Mx, Hostname = "client.example", MxPort = port };

    /// <summary>Attempts that the messages made here have behind them.</summary>
    public int AttemptsBefore { get; init; }

    public OutboundMessage Message(long id, params string[] recipients) => Message(id, TlsDemand.ByPolicy, recipients);

    public OutboundMessage Message(long id, TlsDemand tls, params string[] recipients) => new()
    {
        TlsDemand = tls,
        MessageId = id,
        Composer = (content, _) => ValueTask.FromResult(Composition.Of(
            new ComposedMessage("bounce@client.example", Encoding.ASCII.GetBytes("X-Id: " + id + "\r\n"), content))),
        Content = new InMemoryContent("Subject: s\r\n\r\nb\r\n"u8.ToArray()),
        Recipients = [.. recipients.Select((recipient, i) => new OutboundRecipient(new DeliveryKey(id, i), recipient, AttemptsBefore))],
        ReceivedAt = Time.GetUtcNow(),
        Release = () => Interlocked.Increment(ref _released),
    };

    /// <param name="attempts">Attempts that it has behind it.</param>
    public OutboundMessage Message(long id, int attempts, string recipient)
    {
        var made = Message(id, recipient);
        return new OutboundMessage
        {
            MessageId = id,
            Composer = made.Composer,
            Content = made.Content,
            Recipients = [made.Recipients[0] with { Attempts = attempts }],
            ReceivedAt = made.ReceivedAt,
            Release = made.Release,
        };
    }

    public void Enqueue(long id, params string[] recipients) => Queue.Enqueue(Message(id, recipients));

    public DueDelivery Due(long id, int ordinal, string recipient, int attempts = 1, string alias = "alias@client.example")
    {
        Store.Parts[(id, 0)] = "Subject: s\r\n\r\nb\r\n"u8.ToArray();
        return new DueDelivery(new DeliveryKey(id, ordinal), "from@a.example", alias, recipient, 18, 1, attempts, Time.GetUtcNow());
    }

    ValueTask<Composition> IOutboundComposer.ComposeAsync(
        IReadOnlyList<DueDelivery> deliveries, Judgement? judgement, MessageContent content, CancellationToken cancellationToken)
    {
        if (ComposeFailure is { } failure && deliveries[0].Key.MessageId == 1)
        {
            ComposeFailure = null;
            throw failure;
        }

        return ValueTask.FromResult(
            Refusal ?? Composition.Of(new ComposedMessage("bounce@client.example", "X-Again: 1\r\n"u8.ToArray(), content)));
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await Service.StopAsync(now.Token);
        Service.Dispose();
        Queue.Dispose();
        _metrics.Dispose();
    }
}
