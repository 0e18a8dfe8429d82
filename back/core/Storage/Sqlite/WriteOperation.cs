using Smtpy.Core.Storage.Writing;

namespace Smtpy.Core.Storage.Sqlite;

/// <summary>A write that SQLite's writer executes statement by statement within its transaction.</summary>
internal abstract class WriteOperation : PendingWrite
{
    /// <summary>Executes unless the caller has been answered already. May be called again after a roll-back.</summary>
    /// <returns>False: it was left out.</returns>
    public bool TryExecute(SqliteWriteConnection connection)
    {
        if (!TryBegin())
        {
            return false;
        }

        try
        {
            Execute(connection);
        }
        finally
        {
            End();
        }

        return true;
    }

    protected abstract void Execute(SqliteWriteConnection connection);
}

/// <summary>A write whose caller awaits a <typeparamref name="T"/>.</summary>
internal abstract class WriteOperation<T> : WriteOperation
{
    /// <summary>The caller goes on where it is completed, which is never under a lock and never on the writer's own thread.</summary>
    private readonly TaskCompletionSource<T> _caller = new();

    public Task<T> Task => _caller.Task;

    protected abstract T Write(SqliteWriteConnection connection);

    protected sealed override void Execute(SqliteWriteConnection connection) => _result = Write(connection);

    private T _result = default!;

    protected sealed override void SetResult() => _caller.SetResult(_result);

    protected sealed override void SetException(Exception failure) => ThreadPool.UnsafeQueueUserWorkItem(
        static told => told._caller.SetException(told.failure), (_caller, failure), preferLocal: false);

    protected sealed override void SetCancelled() => ThreadPool.UnsafeQueueUserWorkItem(
        static told => told._caller.SetCanceled(told.Cancellation), (_caller, Cancellation), preferLocal: false);
}
