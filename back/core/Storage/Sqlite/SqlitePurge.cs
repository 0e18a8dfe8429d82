using Smtpy.Core.Storage.Sqlite.Operations;

namespace Smtpy.Core.Storage.Sqlite;

/// <summary>
/// Retention, in slices: each is found by a reader and removed by one short write, so that mail never waits long behind it.
/// </summary>
internal sealed class SqlitePurge(
    SqliteReader reader, SqliteWriter writer, MessageStoreOptions options, DateTimeOffset now, Func<long, bool> isIncoming)
{
    public async Task<int> RunAsync(RetentionPolicy retention, CancellationToken cancellationToken)
    {
        await RemoveCapturedAsync(retention.CapturedMessages, cancellationToken);
        var contentLimit = now - retention.FailedContent;
        await EachSliceAsync(
            (after, limit) => reader.UnneededContentAsync(after, contentLimit, limit, cancellationToken),
            slice => writer.WriteAsync(new PurgeContent(slice, contentLimit, now) { Cancellation = cancellationToken }));
        await EachSliceAsync(
            (after, limit) => reader.OrphansAsync(after, now - options.OrphanAge, limit, cancellationToken),
            slice => writer.WriteAsync(new AbandonMessage(slice.Where(id => !isIncoming(id)).ToList()) { Cancellation = cancellationToken }));
        var removed = 0;
        var metadataLimit = now - retention.Metadata;
        await EachSliceAsync(
            (after, limit) => reader.EndedAsync(after, metadataLimit, limit, cancellationToken),
            async slice => removed += await writer.WriteAsync(
                new PurgeMessages(slice, metadataLimit) { Cancellation = cancellationToken }));
        while (await writer.WriteAsync(new PurgeHistory(metadataLimit, options.PurgeSlice) { Cancellation = cancellationToken }) > 0)
        {
        }

        return removed;
    }

    private async Task RemoveCapturedAsync(int kept, CancellationToken cancellationToken)
    {
        while (await reader.CapturedBeyondAsync(kept, options.PurgeSlice, cancellationToken) is { Count: > 0 } slice)
        {
            await writer.WriteAsync(new PurgeCaptured(slice, now) { Cancellation = cancellationToken });
        }
    }

    private async Task EachSliceAsync(Func<long, int, ValueTask<IReadOnlyList<long>>> find, Func<IReadOnlyList<long>, Task> remove)
    {
        long after = 0;
        while (await find(after, options.PurgeSlice) is { Count: > 0 } slice)
        {
            await remove(slice);
            after = slice[^1];
        }
    }
}
