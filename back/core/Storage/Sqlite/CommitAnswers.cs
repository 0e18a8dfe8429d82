namespace Smtpy.Core.Storage.Sqlite;

/// <summary>
/// Tells the callers of one commit that it is durable, on the thread pool: the writer goes on with the next. Many callers share a work item,
/// since waking a thread costs more than what most of them have left to do.
/// </summary>
internal sealed class CommitAnswers(WriteOperation[] operations) : IThreadPoolWorkItem
{
    /// <summary>Fewer are not divided among threads.</summary>
    private const int Least = 4;

    public static void Send(IReadOnlyList<WriteOperation> batch)
    {
        var threads = Math.Clamp(batch.Count / Least, 1, Environment.ProcessorCount);
        for (var i = 0; i < threads; i++)
        {
            var (first, end) = (batch.Count * i / threads, batch.Count * (i + 1) / threads);
            var share = new WriteOperation[end - first];
            for (var j = 0; j < share.Length; j++)
            {
                share[j] = batch[first + j];
            }

            ThreadPool.UnsafeQueueUserWorkItem(new CommitAnswers(share), preferLocal: false);
        }
    }

    public void Execute()
    {
        foreach (var operation in operations)
        {
            operation.Complete();
        }
    }
}
