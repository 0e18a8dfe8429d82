namespace Smtpy.Core.Storage.Sqlite;

/// <summary>What waits for the writer: bounded, so that a stalled disk shows as errors and not as memory.</summary>
internal sealed class WriteQueue(MessageStoreOptions options, TimeProvider time)
{
    private readonly object _gate = new();
    private readonly Queue<WriteOperation> _waiting = new();
    private readonly List<WriteOperation> _batch = [];
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
    public StorageException? TryAdd(WriteOperation operation)
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

    /// <summary>Waits for work and takes all of it, up to the bounds of one batch. The list is the same every time.</summary>
    /// <returns>Null when closed and empty; an empty list when <paramref name="idle"/> passed without work.</returns>
    public List<WriteOperation>? Take(TimeSpan idle)
    {
        lock (_gate)
        {
            _batch.Clear();
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
                return _closed ? null : _batch;
            }

            long octets = 0;
            while (_batch.Count < options.BatchOperations && _waiting.TryPeek(out var next)
                && (_batch.Count == 0 || octets + next.Octets <= options.BatchOctets))
            {
                _waiting.Dequeue();
                octets += next.Octets;
                _urgent -= next.CanWait ? 0 : 1;
                _batch.Add(next);
            }

            _octets -= octets;
            return _batch;
        }
    }

    /// <summary>Answers what has waited longer than the time limit, whether the writer has begun on it or not.</summary>
    public void Expire()
    {
        lock (_gate)
        {
            foreach (var operation in _batch)
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

    private void Wait(WriterWait what, TimeSpan limit)
    {
        _writerWaits = what;
        Monitor.Wait(_gate, limit);
        _writerWaits = WriterWait.No;
    }

    private bool ExpireOld(WriteOperation operation)
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
