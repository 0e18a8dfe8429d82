namespace Smtpy.Core.Storage.Sqlite;

/// <summary>
/// One caller's write on its way through the writer. Its state decides who may still touch the caller's memory: a caller is
/// answered only when the writer will never read the operation's octets again.
/// </summary>
internal abstract class WriteOperation
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

    /// <summary>A caller that has gone; looked at until the operation is executed.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Timestamp of its arrival; set by the queue.</summary>
    public long EnqueuedAt { get; set; }

    /// <summary>Executes unless the caller has been answered already. May be called again after a roll-back.</summary>
    /// <returns>False: it was left out.</returns>
    public bool TryExecute(SqliteWriteConnection connection)
    {
        if (Cancellation.IsCancellationRequested && TryAnswer(Waiting))
        {
            SetCancelled();
        }

        if (Interlocked.CompareExchange(ref _state, Executing, Waiting) != Waiting)
        {
            return false;
        }

        try
        {
            Execute(connection);
        }
        finally
        {
            Volatile.Write(ref _state, Executed);
        }

        return true;
    }

    /// <summary>The transaction was rolled back: it may be executed again, or failed.</summary>
    public void Undo() => Interlocked.CompareExchange(ref _state, Waiting, Executed);

    /// <summary>The transaction is durable.</summary>
    public void Complete()
    {
        if (TryAnswer(Executed))
        {
            SetResult();
        }
    }

    /// <summary>Nothing of it is stored. Called by the writer's thread.</summary>
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

    protected abstract void Execute(SqliteWriteConnection connection);

    protected abstract void SetResult();

    protected abstract void SetException(Exception failure);

    protected abstract void SetCancelled();

    private bool TryAnswer(int from) => Interlocked.CompareExchange(ref _state, Answered, from) == from;
}

/// <summary>A write whose caller awaits a <typeparamref name="T"/>.</summary>
internal abstract class WriteOperation<T> : WriteOperation
{
    private readonly TaskCompletionSource<T> _caller = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _caller.Task;

    protected abstract T Write(SqliteWriteConnection connection);

    protected sealed override void Execute(SqliteWriteConnection connection) => _result = Write(connection);

    private T _result = default!;

    protected sealed override void SetResult() => _caller.SetResult(_result);

    protected sealed override void SetException(Exception failure) => _caller.SetException(failure);

    protected sealed override void SetCancelled() => _caller.SetCanceled(Cancellation);
}
