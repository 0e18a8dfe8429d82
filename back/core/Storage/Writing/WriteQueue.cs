namespace Smtpy.Core.Storage.Writing;

/// <summary>What waits for the writers: bounded, so that a stalled disk shows as errors and not as memory.</summary>
internal sealed class WriteQueue<TWrite>(MessageStoreOptions options, TimeProvider time)
    where TWrite : PendingWrite
{
    private readonly Lock _taking = new();
    private readonly object _gate = new();
    private readonly Queue<TWrite> _waiting = new();

    /// <summary>What each writer works on now.</summary>
    private readonly List<List<TWrite>> _batches = [];
    private long _octets;
    private int _urgent;
    private WriterWait _writerWaits;
    private bool _closed;

    public int Length
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <returns>Null when it was taken in, else why not.</returns>
    public StorageException? TryAdd(TWrite operation)
    {
        operation.EnqueuedAt = time.GetTimestamp();
        lock (_gate)
        {
            if (_closed)
            {
                return new StorageException("The message store is closed.");
            }

            if (_waiting.Count >= options.QueueOperations || (_waiting.Count > 0 && _octets + operation.Octets > options.QueueOctets))
            {
                return new StorageException("The storage cannot keep up: too many writes are waiting.");
            }

            _waiting.Enqueue(operation);
            _octets += operation.Octets;
            _urgent += operation.CanWait ? 0 : 1;
            if (_writerWaits == WriterWait.ForAny || (_writerWaits == WriterWait.ForUrgent && (_urgent > 0 || _waiting.Count >= options.BatchOperations)))
            {
                _writerWaits = WriterWait.No;
                Monitor.Pulse(_gate);
            }

            return null;
        }
    }

    /// <summary>Where a writer's batches go; the same list every time.</summary>
    public List<TWrite> AddWriter()
    {
        lock (_gate)
        {
            var batch = new List<TWrite>();
            _batches.Add(batch);
            return batch;
        }
    }

    /// <summary>
    /// Waits for work and takes all of it, up to the bounds of one batch; the batch is empty when <paramref name="idle"/>
    /// passed without work. One writer waits here at a time, so that work gathers in one batch and not in many.
    /// </summary>
    /// <param name="batch">From <see cref="AddWriter"/>.</param>
    /// <returns>False when closed and empty.</returns>
    public bool Take(List<TWrite> batch, TimeSpan idle)
    {
        Forget(batch);
        lock (_taking)
        {
            return TakeAlone(batch, idle);
        }
    }

    /// <summary>Answers what has waited longer than the time limit, whether the writer has begun on it or not.</summary>
    public void Expire()
    {
        lock (_gate)
        {
            foreach (var operation in _batches.SelectMany(static batch => batch))
            {
                ExpireOld(operation);
            }

            foreach (var operation in _waiting)
            {
                if (!ExpireOld(operation))
                {
                    break;
                }
            }
        }
    }

    /// <summary>Nothing more is taken in; what waits is still written.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.Pulse(_gate);
        }
    }

    private void Forget(List<TWrite> batch)
    {
        lock (_gate)
        {
            batch.Clear();
        }
    }

    private bool TakeAlone(List<TWrite> batch, TimeSpan idle)
    {
        lock (_gate)
        {
            if (_waiting.Count == 0 && !_closed)
            {
                Wait(WriterWait.ForAny, idle);
            }

            if (_waiting.Count > 0 && _urgent == 0 && !_closed)
            {
                // Nobody waits for these: with luck the next message's commit takes them along, and saves theirs.
                Wait(WriterWait.ForUrgent, options.RecordDelay);
            }

            if (_waiting.Count == 0)
            {
                return !_closed;
            }

            long octets = 0;
            while (batch.Count < options.BatchOperations && _waiting.TryPeek(out var next)
                && (batch.Count == 0 || octets + next.Octets <= options.BatchOctets))
            {
                _waiting.Dequeue();
                octets += next.Octets;
                _urgent -= next.CanWait ? 0 : 1;
                batch.Add(next);
            }

            _octets -= octets;
            return true;
        }
    }

    private void Wait(WriterWait what, TimeSpan limit)
    {
        _writerWaits = what;
        Monitor.Wait(_gate, limit);
        _writerWaits = WriterWait.No;
    }

    private bool ExpireOld(TWrite operation)
    {
        if (time.GetElapsedTime(operation.EnqueuedAt) < options.WriteTimeout)
        {
            return false;
        }

        operation.Expire();
        return true;
    }

    private enum WriterWait
    {
        No,
        ForAny,
        ForUrgent,
    }
}
