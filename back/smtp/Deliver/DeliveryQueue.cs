using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Smtpy.Core.Storage;
using Smtpy.Mail.Client;
using Smtpy.Mail.Dns;
using Smtpy.Mail.Messages;
using Smtpy.Mail.TlsPolicy;
using Smtpy.Smtp.Route;

namespace Smtpy.Smtp.Deliver;

/// <summary>Outgoing mail in memory: takes messages, has them delivered, and sees that every one ends with an outcome or goes back.</summary>
public sealed class DeliveryQueue : IDeliveryQueue, IJobOwner, IDisposable
{
    private readonly DeliveryOptions _options;
    private readonly IMessageStore _store;
    private readonly ILogger<DeliveryQueue> _logger;
    private readonly TimeProvider _time;
    private readonly MemoryBudget _budget;
    private readonly OutcomeRecorder _recorder;
    private readonly OutcomeReporter _reporter;
    private readonly LaneBoard _board;
    private readonly MessageCourier _courier;
    private readonly CancellationTokenSource _abort = new();
    private readonly ConcurrentQueue<DeliveryKey> _untried = new();

    public DeliveryQueue(
        DeliveryOptions options, IMessageStore store, IMailResolver resolver, DeliveryMetrics metrics, TimeProvider time,
        ILogger<DeliveryQueue> logger, SelfTestAddresses? selfTest = null, TransportPolicies? policies = null,
        IOutcomeObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(metrics);
        (_options, _store, _logger, _time) = (options, store, logger, time);
        _budget = new MemoryBudget(options.MemoryOctets, options.MemoryMessages);
        metrics.Observe(_budget);
        _recorder = new OutcomeRecorder(store, options.UnrecordedOutcomes, time, logger);
        _reporter = new OutcomeReporter(options, _recorder, metrics, time, logger, observer);
        var client = new SmtpClientOptions { Hostname = options.Hostname, Timeouts = options.Timeouts, TrustedRoots = options.TrustedRoots };
        _board = new LaneBoard(options, time, key => Destination(key, client, resolver, selfTest, policies), Employ);
        _courier = new MessageCourier(_board, _reporter, _recorder, this, options, metrics, time, logger, _abort.Token);
    }

    /// <summary>Messages that find room in memory now.</summary>
    internal int FreeMessages => _recorder.HasRoom ? _budget.FreeMessages : 0;

    public bool HasRoom(long size) => _budget.HasRoom(size) && _recorder.HasRoom;

    public void Enqueue(OutboundMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        Enqueue(new OutboundJob(message, _budget.Take(message), _recorder.Lease));
    }

    private void Enqueue(OutboundJob job)
    {
        var message = job.Message;
        if (_options.Mode == DeliveryMode.Capture && !SelfTestAddresses.IsOne(message.Recipients[0].Address))
        {
            _ = _courier.CaptureAsync(job);
            return;
        }

        var placement = _board.Place(job, new LaneKey(DestinationKey.Of(_options.Mode, message.Recipients[0].Address), message.TlsDemand));
        switch (placement.Kind)
        {
            case PlacementKind.Blocked:
                ((IJobOwner)this).PutOff(job, placement.Block);
                break;
            case PlacementKind.Stopping:
                ((IJobOwner)this).GiveBack(job);
                break;
        }
    }

    void IJobOwner.Release(OutboundJob job)
    {
        if (job.TryRelease())
        {
            _budget.Free(job.Cost);
            job.Message.End();
        }
    }

    void IJobOwner.Split(OutboundJob job)
    {
        if (!job.TryRelease())
        {
            return;
        }

        // The octets are still read, by others now; under the same lease, which may be lost meanwhile.
        _budget.Free(job.Cost);
        foreach (var message in job.Message.Split!(job.Message.Release))
        {
            Enqueue(new OutboundJob(message, _budget.Take(message), job.Lease));
        }
    }

    void IJobOwner.GiveBack(OutboundJob job)
    {
        foreach (var key in job.Keys)
        {
            _untried.Enqueue(key);
        }

        ((IJobOwner)this).Release(job);
    }

    void IJobOwner.GiveBack(DeliveryKey delivery) => _untried.Enqueue(delivery);

    void IJobOwner.PutOff(OutboundJob job, LaneBlock block)
    {
        for (var i = 0; i < job.Message.Recipients.Count; i++)
        {
            _reporter.PutOff(job, i, block);
        }

        ((IJobOwner)this).Release(job);
    }

    /// <summary>Once a second.</summary>
    internal void Sweep() => _board.Sweep();

    /// <summary>
    /// The lease is gone: what waits belongs to another process now and is dropped without an outcome. What is under way
    /// cannot be called back.
    /// </summary>
    /// <returns>Deliveries under way: not to be taken up again while they are.</returns>
    internal IReadOnlyList<OutboundJob> LoseLease()
    {
        _recorder.LoseLease();
        var waiting = _board.TakeWaiting();
        foreach (var job in waiting)
        {
            ((IJobOwner)this).Release(job);
        }

        DeliveryLog.LeaseLost(_logger, waiting.Count);
        return _board.UnderWay();
    }

    /// <summary>Lets what is under way finish within the time for it, says QUIT, records outcomes, and gives the rest back.</summary>
    internal async Task StopAsync(CancellationToken cancellationToken)
    {
        var workers = _board.StopAsync();
        foreach (var job in _board.TakeWaiting())
        {
            ((IJobOwner)this).GiveBack(job);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = _time.CreateTimer(_ => patience.Cancel(), null, _options.StopTimeout, Timeout.InfiniteTimeSpan);
        await workers.WaitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _abort.CancelAsync();
        await workers;
        await _recorder.DrainAsync(patience.Token);
        await GiveBackAsync(cancellationToken);
    }

    public void Dispose()
    {
        _abort.Dispose();
        _recorder.Dispose();
    }

    private async Task GiveBackAsync(CancellationToken cancellationToken)
    {
        DeliveryKey[] untried = [.. _untried];
        try
        {
            if (untried.Length > 0)
            {
                await _store.GiveBackAsync(untried, cancellationToken);
            }

            DeliveryLog.Stopped(_logger, untried.Length);
        }
        catch (StorageException e)
        {
            DeliveryLog.GiveBackFailed(_logger, e, untried.Length);
        }
    }

    private LaneWorker Employ(Lane lane, OutboundJob job)
    {
        var worker = new LaneWorker(lane, _board, _courier);
        worker.Start(job);
        return worker;
    }

    private IDestination Destination(
        LaneKey key, SmtpClientOptions client, IMailResolver resolver, SelfTestAddresses? selfTest, TransportPolicies? policies)
    {
        if (SelfTestAddresses.IsOne(key.Destination))
        {
            return new SelfTestDestination(key.Destination, selfTest, client, _time);
        }

        return _options.Mode == DeliveryMode.Relay
            ? new RelayDestination(_options.Relay ?? throw new InvalidOperationException("Relay mode needs a relay."), key.Tls, client, _time)
            : new MxDestination(key.Destination, key.Tls, resolver, policies, client, _options, _time);
    }
}
