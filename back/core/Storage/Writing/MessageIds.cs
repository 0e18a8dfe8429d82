namespace Smtpy.Core.Storage.Writing;

/// <summary>Message ids from blocks reserved in the database (hi-lo): one write in a thousand messages.</summary>
/// <param name="reserve">Reserves that many numbers and gives the last of them; the others are the ones just below.</param>
internal sealed class MessageIds(Func<int, CancellationToken, Task<long>> reserve, int block) : IDisposable
{
    private readonly SemaphoreSlim _reserving = new(1, 1);
    private Block _block = new(1, 0);

    public ValueTask<long> NextAsync(CancellationToken cancellationToken)
    {
        var id = _block.TryTake();
        return id > 0 ? ValueTask.FromResult(id) : ReserveAsync(cancellationToken);
    }

    public void Dispose() => _reserving.Dispose();

    private async ValueTask<long> ReserveAsync(CancellationToken cancellationToken)
    {
        await _reserving.WaitAsync(cancellationToken);
        try
        {
            for (var id = _block.TryTake(); ; id = _block.TryTake())
            {
                if (id > 0)
                {
                    return id;
                }

                var last = await reserve(block, cancellationToken);
                _block = new Block(last - block + 1, last);
            }
        }
        finally
        {
            _reserving.Release();
        }
    }

    private sealed class Block(long first, long last)
    {
        private long _next = first - 1;

        /// <returns>The next id, or 0 when there is none left.</returns>
        public long TryTake() => Volatile.Read(ref _next) >= last ? 0 : Interlocked.Increment(ref _next) is var id && id <= last ? id : 0;
    }
}
