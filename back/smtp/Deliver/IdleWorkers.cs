namespace Smtpy.Smtp.Deliver;

/// <summary>Workers that keep a session open and wait for a message. Guarded by the lock of their <see cref="LaneBoard"/>.</summary>
internal sealed class IdleWorkers
{
    /// <summary>The longest idle first.</summary>
    private readonly List<LaneWorker> _workers = [];

    public Task<OutboundJob?> Add(LaneWorker worker, DateTimeOffset now)
    {
        _workers.Add(worker);
        worker.Lane.Idle++;
        return worker.BeginIdle(now);
    }

    /// <summary>Hands the message to a worker of its lane: the one used last, whose session the peer has least likely closed.</summary>
    public bool TryGive(Lane lane, OutboundJob job)
    {
        for (var i = _workers.Count - 1; i >= 0; i--)
        {
            if (_workers[i].Lane == lane)
            {
                Wake(i, job);
                return true;
            }
        }

        return false;
    }

    public void RetireOldest()
    {
        if (_workers.Count > 0)
        {
            Wake(0, null);
        }
    }

    public void RetireSince(DateTimeOffset limit)
    {
        while (_workers.Count > 0 && _workers[0].IdleSince <= limit)
        {
            Wake(0, null);
        }
    }

    private void Wake(int index, OutboundJob? job)
    {
        var worker = _workers[index];
        _workers.RemoveAt(index);
        worker.Lane.Idle--;
        worker.Wake(job);
    }
}
