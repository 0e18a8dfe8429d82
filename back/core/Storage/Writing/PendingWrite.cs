namespace Smtpy.Core.Storage.Writing;

/// <summary>
/// One caller's write on its way through a writer. Its state decides who may still touch the caller's memory: a caller is
/// answered only when the writer will never read the write's octets again.
/// </summary>
internal abstract class PendingWrite
{
    private const int Waiting = 0;
    private const int Executing = 1;
    private const int Executed = 2;
    private const int Answered = 3;
    private int _state;

    /// <summary>Octets of content it carries; what the queue and the batches are bounded by.</summary>
    public virtual long Octets => 0;

    /// <summary>True: its caller does not hold anybody up meanwhile, so it may wait a little for a commit to share.</summary>
    public virtual bool CanWait => false;

    /// <summary>A caller that has gone; looked at until the write is executed.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Timestamp of its arrival; set by the queue.</summary>
    public long EnqueuedAt { get; set; }

    /// <summary>From here to <see cref="End"/> the writer reads the caller's memory. May begin again after <see cref="Undo"/>.</summary>
    /// <returns>False: its caller has been answered already, so it is left out.</returns>
    public bool TryBegin()
    {
        if (Cancellation.IsCancellationRequested && TryAnswer(Waiting))
        {
            SetCancelled();
        }

        return Interlocked.CompareExchange(ref _state, Executing, Waiting) == Waiting;
    }

    /// <summary>The writer has read what it needs.</summary>
    public void End() => Volatile.Write(ref _state, Executed);

    /// <summary>The transaction was rolled back: it may begin again, or be failed.</summary>
    public void Undo() => Interlocked.CompareExchange(ref _state, Waiting, Executed);

    /// <summary>The transaction is durable.</summary>
    public void Complete()
    {
        if (TryAnswer(Executed))
        {
            SetResult();
        }
    }

    /// <summary>Nothing of it is stored. Called by the writer.</summary>
    public void Fail(Exception failure)
    {
        if (TryAnswer(Waiting) || TryAnswer(Executed))
        {
            SetException(failure);
        }
    }

    /// <summary>
    /// The time limit has passed. What has not begun never will; what is executed but not durable may still become so, which
    /// at worst makes a duplicate; what is executing right now is left alone, because it reads the caller's memory.
    /// </summary>
    public void Expire()
    {
        if (TryAnswer(Waiting))
        {
            SetException(new StorageException("The storage did not get to the write in time; nothing was stored."));
        }
        else if (TryAnswer(Executed))
        {
            SetException(new StorageException("The storage did not confirm the write in time.") { IsFateUnknown = true });
        }
    }

    protected abstract void SetResult();

    protected abstract void SetException(Exception failure);

    protected abstract void SetCancelled();

    private bool TryAnswer(int from) => Interlocked.CompareExchange(ref _state, Answered, from) == from;
}
