using Smtpy.Mail.Client;

namespace Smtpy.Smtp.Deliver;

/// <summary>
/// Who works on what: hands messages to free connections, opens further ones within the limits, and leaves unreachable
/// destinations alone. Decides only, under one lock held for moments; the workers do the I/O.
/// </summary>
internal sealed class LaneBoard(
    DeliveryOptions options, TimeProvider time, Func<LaneKey, IDestination> destinations, Func<Lane, OutboundJob, LaneWorker> employ)
{
    /// <summary>How long a destination's refusal of one connection too many is remembered.</summary>
    private static readonly TimeSpan LimitMemory = TimeSpan.FromMinutes(1);

    /// <summary>How long the failures of a destination are remembered after its last block ended.</summary>
    private static readonly TimeSpan FailureMemory = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<LaneKey, Lane> _lanes = [];
    private readonly HashSet<LaneWorker> _workers = [];
    private readonly IdleWorkers _idle = new();
    private readonly Queue<Lane> _starving = new();
    private bool _stopping;

    private int LaneLimit => options.Mode == DeliveryMode.Relay ? options.RelayConnections : options.MxConnectionsPerDomain;

    /// <summary>Finds the message its worker or its place in the lane, unless the lane is blocked or everything stops.</summary>
    public Placement Place(OutboundJob job, LaneKey destination)
    {
        lock (_gate)
        {
            if (_stopping)
            {
                return Placement.Stopping;
            }

            if (!_lanes.TryGetValue(destination, out var lane))
            {
                lane = new Lane(destination, destinations(destination), LaneLimit);
                _lanes.Add(destination, lane);
            }

            var now = time.GetUtcNow();
            if (lane.Failures > 0 && now < lane.BlockedUntil && !IsOwedTry(lane, job, now))
            {
                return new Placement(PlacementKind.Blocked, lane.Blocked);
            }

            Give(lane, job);
            return Placement.Accepted;
        }
    }

    /// <summary>The worker's next message; null: it must go.</summary>
    public ValueTask<OutboundJob?> NextAsync(LaneWorker worker)
    {
        lock (_gate)
        {
            // Between two connections is the fair moment to leave the place to a lane that has none, or to obey a lower limit.
            var lane = worker.Lane;
            if (_stopping || (!worker.IsConnected && (_starving.Count > 0 || lane.Workers > lane.AllowedWorkers)))
            {
                return default;
            }

            if (lane.Waiting.TryDequeue(out var job))
            {
                return new ValueTask<OutboundJob?>(job);
            }

            if (_starving.Count > 0 || !worker.IsConnected)
            {
                return default;
            }

            return new ValueTask<OutboundJob?>(_idle.Add(worker, time.GetUtcNow()));
        }
    }

    public void Opened(LaneWorker worker)
    {
        lock (_gate)
        {
            worker.Lane.Connected++;
        }
    }

    public void Closed(LaneWorker worker)
    {
        lock (_gate)
        {
            worker.Lane.Connected--;
        }
    }

    /// <summary>The destination has answered for a message: it is well.</summary>
    public void Reached(Lane lane)
    {
        if (lane.Failures == 0)
        {
            // Read without the lock, as this is once a message: at worst the next message corrects it.
            return;
        }

        lock (_gate)
        {
            lane.Failures = 0;
            Grow(lane);
        }
    }

    /// <summary>
    /// No session could be opened. While other workers have one, the destination only takes no more of them, and the message goes
    /// to those; else the whole lane is left alone for a while.
    /// </summary>
    public Setback Unreachable(LaneWorker worker, OutboundJob job, PeerReply reply, string host)
    {
        lock (_gate)
        {
            var lane = worker.Lane;
            var now = time.GetUtcNow();
            if (lane.Connected > 0 && !_stopping)
            {
                lane.Limit = lane.Connected;
                lane.LimitedUntil = now + LimitMemory;
                Give(lane, job);
                return new Setback(true, [], default);
            }

            if (lane.Failures == 0 || lane.BlockedUntil <= now)
            {
                lane.Failures++;
                lane.Block(LaneBackOff.After(lane.Failures, Random.Shared.NextDouble()), now, reply, host);
            }

            var waiting = lane.Waiting.ToLookup(other => IsOwedTry(lane, other, now));
            lane.Waiting.Clear();
            foreach (var owed in waiting[true])
            {
                lane.Waiting.Enqueue(owed);
            }

            return new Setback(false, [.. waiting[false]], lane.Blocked);
        }
    }

    public void Gone(LaneWorker worker)
    {
        lock (_gate)
        {
            _workers.Remove(worker);
            worker.Lane.Workers--;
            while (_starving.TryDequeue(out var hungry))
            {
                hungry.IsStarving = false;
                Grow(hungry);
                if (hungry.IsStarving)
                {
                    break;
                }
            }

            Help(worker.Lane);
        }
    }

    /// <summary>Once a second: connections idle too long go, limits are lifted, lanes without work are forgotten.</summary>
    public void Sweep()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            _idle.RetireSince(now - options.IdleTimeout);
            foreach (var (key, lane) in _lanes)
            {
                if (lane.LimitedUntil <= now)
                {
                    lane.LiftLimit();
                }

                Help(lane);

                if (lane is { Workers: 0, Waiting.Count: 0 } && (lane.Failures == 0 || lane.BlockedUntil + FailureMemory < now))
                {
                    _lanes.Remove(key);
                }
            }
        }
    }

    /// <summary>Takes all that nobody works on yet.</summary>
    public List<OutboundJob> TakeWaiting()
    {
        lock (_gate)
        {
            var taken = new List<OutboundJob>();
            foreach (var lane in _lanes.Values)
            {
                taken.AddRange(lane.Waiting);
                lane.Waiting.Clear();
            }

            return taken;
        }
    }

    /// <summary>What the workers have in hand.</summary>
    public List<OutboundJob> UnderWay()
    {
        lock (_gate)
        {
            return [.. _workers.Select(worker => worker.Job).OfType<OutboundJob>()];
        }
    }

    /// <summary>From now on nothing is placed; idle workers go.</summary>
    /// <returns>Completes when all workers are gone.</returns>
    public Task StopAsync()
    {
        lock (_gate)
        {
            _stopping = true;
            _idle.RetireSince(DateTimeOffset.MaxValue);
            return Task.WhenAll(_workers.Select(worker => worker.Completion));
        }
    }

    /// <summary>
    /// Its time is up and so is its destination's, but it always waited while others were tried. Nothing is given up untried: it is tried now,
    /// one after the other with its like, though the destination is left alone.
    /// </summary>
    private bool IsOwedTry(Lane lane, OutboundJob job, DateTimeOffset now) =>
        options.Retry.IsUp(lane.Failures, job.Message.ReceivedAt, now) && job.Message.Recipients.Any(static recipient => recipient.Attempts == 0);

    private void Give(Lane lane, OutboundJob job)
    {
        if (lane.IsQuickEnough)
        {
            lane.Waiting.Enqueue(job);
        }
        else if (!_idle.TryGive(lane, job))
        {
            lane.Waiting.Enqueue(job);
            Grow(lane);
        }
    }

    /// <summary>Who waited for a session at work, and it took longer than those before.</summary>
    private void Help(Lane lane)
    {
        while (lane.Waiting.TryPeek(out var job) && _idle.TryGive(lane, job))
        {
            lane.Waiting.Dequeue();
        }

        Grow(lane);
    }

    private void Grow(Lane lane)
    {
        while (!_stopping && lane.Workers < lane.AllowedWorkers && lane.Waiting.Count > 0)
        {
            if (_workers.Count >= options.MaxConnections)
            {
                if (!lane.IsStarving)
                {
                    lane.IsStarving = true;
                    _starving.Enqueue(lane);
                }

                _idle.RetireOldest();
                return;
            }

            lane.Workers++;
            _workers.Add(employ(lane, lane.Waiting.Dequeue()));
        }
    }
}
